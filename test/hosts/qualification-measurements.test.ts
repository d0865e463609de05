import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../lib/hosts/qualification-judgement";
import { tryMeasurements } from "../../lib/hosts/qualification-measurements";
import { hostileText } from "../core/hostile";
import { captured, requirements } from "./measured";

const real = captured("qualification.txt");
const lines = real.trimEnd().split("\n");

/** The real output with the lines of one word replaced by others. */
function with_(word: string, ...others: readonly string[]): string {
  const from = lines.findIndex((line) => line.startsWith(`${word} `));
  const kept = lines.filter((line) => !line.startsWith(`${word} `));
  return `${[...kept.slice(0, Math.max(from, 1)), ...others, ...kept.slice(Math.max(from, 1))].join("\n")}\n`;
}

describe("what a real host printed", () => {
  test("is understood to the last line", () => {
    expect(tryMeasurements(real)).toMatchInlineSnapshot(`
      {
        "clockSynchronised": false,
        "cores": 2,
        "disks": [
          {
            "name": "vda",
            "sizeBytes": 274877906944,
            "transport": "virtio",
          },
        ],
        "fsync": {
          "count": 10029,
          "longestMs": 1.271929,
          "p99Ms": 0.252928,
        },
        "idle": {
          "idlePercent": 99.5,
          "iowaitPercent": 0,
        },
        "link": {
          "device": "eth0",
          "dropped": 0,
          "errors": 0,
          "state": "up",
        },
        "memoryBytes": 25276502016,
        "pods": false,
        "skipped": {},
        "steal": {
          "everTold": true,
          "percent": 0.24154589371980675,
          "underLoad": true,
        },
        "virtualization": "docker",
        "wakeUps": {
          "count": 3994,
          "longestMs": 5.423,
          "p999Ms": 0.34,
        },
      }
    `);
  });

  test("is understood without the empty line's end, and with one more", () => {
    expect(tryMeasurements(real.trimEnd())).toEqual(tryMeasurements(`${real}\n`));
  });
});

describe("a line that the program does not print", () => {
  test.each([
    "cores 0",
    "cores 2 3",
    "cores -1",
    "cores 1e9",
    "cores 2\r",
    "memory-kib 99999999999999999999",
    "virtualization KVM",
    "virtualization \u001b[31mkvm",
    "clock maybe",
    "disk vda virtio 10 model extra",
    "disk ../vda virtio 10 -",
    "link-start eth0 up 1000 0 0 0",
    "ticks-idle-start 1 2 3 4 5 6 7",
    "jitter 0 1 1",
    "skip fsync because",
    "skip cores no-program",
    "pressure 1",
    "constructor 1",
    "__proto__ 1",
    "",
    " ",
  ])("makes nothing of the whole: %j", (line) => {
    const [word = ""] = line.split(" ", 1);
    expect(tryMeasurements(with_(word, line))).toBeUndefined();
  });

  test.each([
    ["twice the same word", with_("cores", "cores 2", "cores 64")],
    ["no head", real.slice(real.indexOf("\n") + 1)],
    ["another version", real.replace("qualification 1", "qualification 2")],
    ["no end", real.replace(/\nend\n$/, "\n")],
    ["something after the end", `${real}cores 64\n`],
    ["nothing", ""],
    ["more than 256 KiB", with_("disk", ...Array.from({ length: 20_000 }, () => "disk vda virtio 10 -"))],
  ])("%s makes nothing of the whole", (_, text) => {
    expect(tryMeasurements(text)).toBeUndefined();
  });

  test.each(["cores", "memory-kib", "virtualization", "clock", "pods"])("%s is needed", (word) => {
    expect(tryMeasurements(with_(word))).toBeUndefined();
  });
});

describe("what could not be told is absent", () => {
  test.each([
    ["virtualization", "virtualization -", "virtualization"],
    ["clock", "clock unknown", "clockSynchronised"],
    ["ticks-idle-end", undefined, "idle"],
    ["ticks-idle-end", lines.find((line) => line.startsWith("ticks-idle-start"))?.replace("start", "end"), "idle"],
    ["link-end", undefined, "link"],
    ["link-end", "link-end eth1 up 1000 0 0 0 0", "link"],
    ["jitter", undefined, "wakeUps"],
    ["fio", undefined, "fsync"],
  ] as const)("%s as %j", (word, line, prop) => {
    expect(tryMeasurements(with_(word, ...(line === undefined ? [] : [line])))).not.toHaveProperty(prop);
  });

  test("a virtual device's speed", () => {
    for (const speed of ["-1", "-", "0"]) {
      expect(tryMeasurements(with_("link-end", `link-end eth0 up ${speed} 0 0 0 0`))?.link).not.toHaveProperty("mbit");
    }
  });

  test("a disk's model and size", () => {
    expect(tryMeasurements(with_("disk", "disk vda virtio - -"))?.disks).toEqual([{ name: "vda", transport: "virtio", sizeBytes: 0 }]);
  });
});

describe("processor time", () => {
  const ticks = (idle: readonly [string, string], ...load: readonly string[]) => {
    const rest = lines.filter((line) => !line.startsWith("ticks-"));
    const own = [`ticks-idle-start ${idle[0]}`, `ticks-idle-end ${idle[1]}`];
    return tryMeasurements([...rest.slice(0, 1), ...own, ...load, ...rest.slice(1)].join("\n"));
  };

  test("is a share of all that went by", () => {
    expect(ticks(["0 0 0 0 0 0 0 0", "10 0 5 50 25 0 5 5"])).toMatchObject({
      idle: { iowaitPercent: 25, idlePercent: 50 },
      steal: { percent: 5, underLoad: false, everTold: true },
    });
  });

  test("is never below nothing where the kernel counts backwards", () => {
    expect(ticks(["0 0 0 0 9 0 0 9", "0 0 0 100 8 0 0 8"])).toMatchObject({ idle: { iowaitPercent: 0 }, steal: { percent: 0 } });
  });

  test("is stolen most in one of the two windows", () => {
    const load = ["ticks-load-start 0 0 0 0 0 0 0 0", "ticks-load-end 0 90 0 0 0 0 0 10"];
    expect(ticks(["0 0 0 0 0 0 0 0", "0 0 0 100 0 0 0 0"], ...load)?.steal).toEqual({ percent: 10, underLoad: true, everTold: true });
  });
});

describe("fio's answer", () => {
  const answer = (lat: unknown, before: readonly string[] = []) =>
    tryMeasurements(
      with_(
        "fio",
        ...before,
        ...JSON.stringify({ jobs: [{ sync: { lat_ns: lat } }] }, null, 1)
          .split("\n")
          .map((line) => `fio ${line}`),
      ),
    );

  test("is taken after fio's remarks", () => {
    const sync = answer({ N: 500, max: 9_000_000, percentile: { "99.000000": 4_500_000 } }, ["fio note: both iodepth >= 1", "fio "]);
    expect(sync?.fsync).toEqual({ count: 500, p99Ms: 4.5, longestMs: 9 });
  });

  test.each([
    ["no percentile, as before fio 3.5", { N: 500, max: 9 }],
    ["no sync", { N: 0, max: 0, percentile: { "99.000000": 0 } }],
    ["text for numbers", { N: "500", max: 9, percentile: { "99.000000": "1" } }],
    ["less than nothing", { N: 500, max: 9, percentile: { "99.000000": -1 } }],
    ["too much", { N: 1e300, max: 1, percentile: { "99.000000": 1 } }],
    ["a list", [1, 2, 3]],
    ["null", null],
  ])("with %s is a run that failed", (_, lat) => {
    expect(answer(lat)).toMatchObject({ skipped: { fsync: "failed" } });
    expect(answer(lat)).not.toHaveProperty("fsync");
  });

  test("that is cut short is a run that failed", () => {
    expect(tryMeasurements(with_("fio", "fio {", 'fio "jobs": ['))).toMatchObject({ skipped: { fsync: "failed" } });
  });
});

describe("any text at all", () => {
  test("is measurements or nothing, and never an error", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(lines.length - 1), hostileText), { maxLength: 3 }), (changes) => {
        const text = lines.map((line, index) => changes.find(([at]) => at === index)?.[1] ?? line).join("\n");
        const found = tryMeasurements(text);
        if (found === undefined) return;
        for (const { got, wanted } of judge(requirements, found)) expect(`${got}${wanted}`).toMatch(/^[\x20-\x7e]+$/);
        expect(JSON.stringify(found)).not.toMatch(/null/);
      }),
    );
  });

  test("of the program's own form gives finite numbers that are not negative", () => {
    const count = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }).map(String);
    const ticks = fc.array(count, { minLength: 8, maxLength: 8 }).map((counts) => counts.join(" "));
    fc.assert(
      fc.property(ticks, ticks, ticks, ticks, (a, b, c, d) => {
        const rest = lines.filter((line) => !line.startsWith("ticks-"));
        const own = [`ticks-idle-start ${a}`, `ticks-idle-end ${b}`, `ticks-load-start ${c}`, `ticks-load-end ${d}`];
        const found = tryMeasurements([...rest.slice(0, 1), ...own, ...rest.slice(1)].join("\n"));
        for (const share of [found?.idle?.iowaitPercent ?? 0, found?.idle?.idlePercent ?? 0, found?.steal?.percent ?? 0]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
