import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nothingWanted } from "../../lib/hosts/host-program";
import { tryHostReport } from "../../lib/hosts/host-report";
import { factsOf, mismatchesOf, planOf } from "../../lib/hosts/plan-of";
import { character } from "../core/hostile";
import { LocalHost, profileWith } from "./local-host";

const key = "net.core.somaxconn";
const conf = "/etc/sysctl.d/99-zz-mesh.conf";
const profile = profileWith({
  settings: [{ key, mode: "exact", value: "32768" }],
  files: [{ path: conf, content: "# ours\n", mode: "0644" }],
  links: [{ path: "/etc/mesh-link", target: conf }],
});

/** What the real program says of a host with a bit of everything. */
function said(): string {
  const host = new LocalHost({
    values: { [key]: "4096", "kernel.hostname": "oslo-1" },
    files: { [conf]: "theirs\n", "/etc/sysctl.conf": `${key}=1\n` },
    links: { "/etc/mesh-link": "/nowhere" },
    hashSize: 65_536,
  });
  host.run("apply", profileWith({ settings: profile.settings }));
  host.write("/sys/devices/pci0/nvme/nvme0/nvme0n1/size", "2048\n");
  host.link("/sys/block/nvme0n1", "../devices/pci0/nvme/nvme0/nvme0n1");
  host.write("/sys/devices/system/cpu/online", "0-2,8\n");
  return host.run("read", profile).stdout;
}

const text = said();
const lines = text.split("\n");

/** Every text of some data. */
function texts(data: unknown): readonly string[] {
  if (typeof data === "string") return [data];
  if (data instanceof Map || data instanceof Set || Array.isArray(data)) return [...data].flatMap((item) => texts(item));
  return typeof data === "object" && data !== null ? Object.entries(data).flatMap(([name, item]) => [name, ...texts(item)]) : [];
}

/** Whatever a host says: it is not understood, or all of it is printable, short, and can be judged without a fault. */
function expectHarmless(answer: string): void {
  const report = tryHostReport(answer);
  if (report === undefined) return;
  const { reading, ...head } = report;
  const { sysctl, files, ...rest } = reading ?? { sysctl: undefined, files: undefined };
  for (const found of texts([head, rest])) {
    expect(found).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(found.length).toBeLessThanOrEqual(4_096);
  }
  if (reading === undefined) return;
  planOf(reading, profile);
  planOf(reading, nothingWanted);
  mismatchesOf(reading, profile);
  factsOf({ ...reading, machineId: "0".repeat(32) }, profile);
}

describe("what a host says", () => {
  test("is read in whole", () => {
    const reading = tryHostReport(text)?.reading;
    expect(reading).toMatchObject({
      machineId: "0123456789abcdef0123456789abcdef",
      hostname: "oslo-1",
      distribution: { id: "debian", version: "12", name: "Debian GNU/Linux 12 (bookworm)" },
      cores: 4,
      memoryBytes: 2_048_000 * 1_024,
      disks: [{ name: "nvme0n1", transport: "nvme", sizeBytes: 1_048_576 }],
      values: new Map([[key, "32768"]]),
      podValues: new Map([[key, "32768"]]),
      links: new Map([["/etc/mesh-link", "/nowhere"]]),
      hashSize: 65_536,
      kept: { pool: "oslo", values: new Map([[key, "4096"]]) },
      interrupted: false,
    });
    expect(reading?.files.get(conf)).toMatchObject({ mode: "0644", content: "theirs\n" });
    expect(reading?.sysctl.lines).toContainEqual({ file: "/etc/sysctl.conf", line: 1, text: `${key}=1` });
  });

  test("is not understood when any line of the frame is missing or comes twice", () => {
    for (const word of ["texts", "values", "lines", "files", "kept", "facts-end"]) {
      expect(tryHostReport(lines.filter((line) => line !== word).join("\n"))).toBeUndefined();
      expect(tryHostReport(lines.flatMap((line) => (line === word ? [line, line] : [line])).join("\n"))).toBeUndefined();
    }
  });

  test("is not understood when it goes on after its end", () => {
    expect(tryHostReport(`${text}result\tchanged\n`)).toBeUndefined();
  });

  test("that is cut off anywhere is not understood, or claims no result", () =>
    fc.assert(
      fc.property(fc.nat(text.length - 2), (length) => {
        expect(tryHostReport(text.slice(0, length))?.reading).toBeUndefined();
      }),
    ));

  test("does no harm, whatever it is", () => fc.assert(fc.property(fc.string({ unit: character, maxLength: 400 }), expectHarmless)));

  test("does no harm with lines left out, doubled, moved and made up", () => {
    const line = fc.oneof(
      fc.constantFrom(...lines),
      fc.constantFrom(
        "facts\t1\t0\t0",
        "result\tchanged\tx",
        "mismatch\tvalue\ta\tb",
        "./x:1:\u0000",
        "conf\t",
        "kept",
        "end",
        "mismatch\tvalue\tnet.a\t1\t\u001b[2J",
        "trouble\tconflict\t\u001b[2J",
      ),
      fc.tuple(fc.constantFrom(...lines), fc.string({ unit: character })).map(([known, more]) => known + more),
    );
    const edits = fc.array(fc.tuple(fc.nat(lines.length), fc.nat(2), line), { maxLength: 4 });
    fc.assert(
      fc.property(edits, (changes) => {
        const changed = [...lines];
        for (const [at, gone, instead] of changes) changed.splice(at, gone, instead);
        expectHarmless(changed.join("\n"));
      }),
    );
  });

  test("is printable wherever an error may show it", () => {
    const hostile = "\u001b[2J\u202ex";
    const answer = `trouble\tconflict\t${hostile}\nmismatch\tvalue\tnet/a\t${hostile}\t${hostile}\nresult\tfailed\tvalues\n`;
    expect(tryHostReport(answer)).toMatchObject({
      result: "failed",
      troubles: [{ text: "[2J x" }],
      mismatches: [{ name: "net.a", wanted: "[2J x", got: "[2J x" }],
    });
    expectHarmless(answer);
  });

  test("is not read at any length", () => {
    expect(tryHostReport(`${"x\n".repeat(200_000)}`)).toBeUndefined();
    expect(tryHostReport(text.replace("oslo-1", "o".repeat(70_000)))?.reading?.hostname).toBe("unknown");
  });

  test("a file that is no text has no content", () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]).toString("base64");
    const other = text.replace(/^content\t.*$/m, `content\t.${conf}\t${bytes}`);
    expect(tryHostReport(other)?.reading?.files.get(conf)).not.toHaveProperty("content");
  });

  test("a machine-id of another form is none", () => {
    expect(tryHostReport(text.replace("0123456789abcdef", "0123456789ABCDEF"))?.reading).not.toHaveProperty("machineId");
  });
});
