import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HostAccess } from "../../../lib/pulumi/provider/host-access";
import type { LibvirtMachineInputs } from "../../../lib/pulumi/provider/libvirt-machine-inputs";
import { LibvirtMachineOperations } from "../../../lib/pulumi/provider/libvirt-machine-operations";
import { temporaryFolder } from "../../support/temporary";
import { HostDouble } from "./host-double";
import { machine } from "./libvirt";

const urn = "urn:pulumi:dev::shop::meshground:index:LibvirtMachine::shop/oslo-1/domain";
const uuid = "4dea22b3-1d52-48f3-8be2-c6b7f1b9a1a0";

/** A double of virsh: it keeps its one domain in a folder, and does what it is told to fail at. */
const virsh = `#!/bin/sh
shift 3
printf '%s\\n' "$*" >>"$DOUBLE/calls"
[ ! -e "$DOUBLE/fail-$1" ] || { echo "error: $1 failed" >&2; exit 1; }
case $1 in
  domuuid) [ -e "$DOUBLE/domain.xml" ] && echo ${uuid} ;;
  domname) echo oslo-1 ;;
  domstate) cat "$DOUBLE/state" 2>/dev/null || echo running ;;
  list) [ ! -e "$DOUBLE/domain.xml" ] || echo ${uuid} ;;
  define) cp "$2" "$DOUBLE/domain.xml" ;;
  undefine) rm "$DOUBLE/domain.xml" ;;
  dumpxml) printf '<domain>\\n  <memory unit='"'KiB'"'>%s</memory>\\n  <vcpu placement='"'static'"'>8</vcpu>\\n' "$(cat "$DOUBLE/memory" 2>/dev/null || echo 33554432)" ;;
  capabilities) cat "$DOUBLE/capabilities" 2>/dev/null ;;
  domcapabilities) cat "$DOUBLE/domcapabilities" 2>/dev/null || : ;;
esac
`;
const qemuImg = `#!/bin/sh
printf 'qemu-img %s\\n' "$*" >>"$DOUBLE/calls"
[ ! -e "$DOUBLE/fail-$1" ] || exit 1
[ "$1" != convert ] || cp "$4" "$5"
`;
const genisoimage = `#!/bin/sh
printf 'iso %s\\n' "$*" >>"$DOUBLE/calls"
while [ "$1" != -output ]; do shift; done
for last; do :; done
tar -cf "$2" -C "\${last%/*}" user-data meta-data network-config
`;

/** A KVM host whose programs are doubles, and whose shell is this machine's. */
function kvmHost() {
  const folder = temporaryFolder("kvm");
  const [bin, images] = [join(folder, "bin"), join(folder, "images")];
  for (const made of [bin, images]) mkdirSync(made);
  for (const [name, text] of Object.entries({ virsh, "qemu-img": qemuImg, genisoimage })) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(join(folder, "image.qcow2"), "an image");
  const host = new HostDouble();
  const said: string[] = [];
  host.answer = (script, input = "") => {
    const environment = { PATH: `${bin}:/usr/bin:/bin`, DOUBLE: folder, TMPDIR: folder };
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script], { input, env: environment, encoding: "utf8" });
    return { exitCode: status ?? undefined, stdout, stderr };
  };
  const log = { info: (_urn: string, text: string) => void said.push(text), warn: (_urn: string, text: string) => void said.push(text) };
  return {
    folder,
    said,
    operations: new LibvirtMachineOperations(new HostAccess(host.connect, 1), log),
    inputs: (different: Partial<LibvirtMachineInputs> = {}) => ({
      ...machine({ image: join(folder, "image.qcow2"), folder: images, ...different }),
    }),
    images: () => readdirSync(images).sort(),
    calls: () => (existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8") : ""),
    write: (name: string, text = "") => writeFileSync(join(folder, name), text),
    domain: () => (existsSync(join(folder, "domain.xml")) ? readFileSync(join(folder, "domain.xml"), "utf8") : undefined),
    left: () => readdirSync(folder).filter((name) => name.startsWith("tmp.")),
  };
}

describe("a guest that is made", () => {
  test("has a disk of its own, a seed and a domain, and is its UUID", async () => {
    const host = kvmHost();
    const { id, state } = await host.operations.create(urn, host.inputs());
    expect({ id, state }).toEqual({ id: uuid, state: host.inputs() });
    expect(host.images()).toEqual(["oslo-1-seed.iso", "oslo-1.qcow2"]);
    expect(host.domain()).toContain("<name>oslo-1</name>");
    expect(host.calls()).toMatch(/autostart oslo-1\nstart oslo-1\ndomuuid oslo-1\n$/);
    expect(host.left()).toEqual([]);
  });

  test("gets its user data over standard input, and never as an argument", async () => {
    const host = kvmHost();
    await host.operations.create(urn, host.inputs());
    const seed = readFileSync(join(host.folder, "images/oslo-1-seed.iso"), "utf8");
    expect(seed).toContain(machine().userData);
    expect(seed).toContain(machine().networkConfig);
    expect(host.calls()).not.toContain("private key");
  });

  test.each(["define", "autostart", "start", "convert", "resize"])("leaves nothing behind when %s fails", async (step) => {
    const host = kvmHost();
    host.write(`fail-${step}`);
    await expect(host.operations.create(urn, host.inputs())).rejects.toThrow("10.0.0.11:22: making oslo-1 failed with exit code 1");
    expect([host.images(), host.domain(), host.left()]).toEqual([[], undefined, []]);
  });

  test("takes neither a domain nor a file that is there already", async () => {
    const host = kvmHost();
    host.write("domain.xml", "somebody else's");
    await expect(host.operations.create(urn, host.inputs())).rejects.toThrow("a domain oslo-1 is there already, and not of this stack");
    expect(host.domain()).toBe("somebody else's");
    const other = kvmHost();
    other.write("images/oslo-1.qcow2", "somebody else's");
    await expect(other.operations.create(urn, other.inputs())).rejects.toThrow(/oslo-1.qcow2 is there already: move it away/);
    expect(readFileSync(join(other.folder, "images/oslo-1.qcow2"), "utf8")).toBe("somebody else's");
  });

  test("says what is missing on the host", async () => {
    const host = kvmHost();
    await expect(host.operations.create(urn, host.inputs({ image: "/srv/none.qcow2" }))).rejects.toThrow(
      "/srv/none.qcow2 is not there: download a cloud image to it.",
    );
  });
});

describe("an NVMe disk", () => {
  test("is libvirt's where libvirt has it", async () => {
    const host = kvmHost();
    host.write("domcapabilities", "<enum name='bus'>\n<value>nvme</value>\n</enum>");
    await host.operations.create(urn, host.inputs({ diskBus: "nvme" }));
    expect(host.domain()).toContain('bus="nvme"');
  });

  test("is qemu's where libvirt has none and confines nothing", async () => {
    const host = kvmHost();
    host.write("capabilities", "<secmodel><model>none</model></secmodel>");
    await host.operations.create(urn, host.inputs({ diskBus: "nvme" }));
    expect(host.domain()).toContain("qemu:arg");
  });

  test("is refused where qemu would be kept from it", async () => {
    const host = kvmHost();
    host.write("capabilities", "<secmodel>\n<model>apparmor</model>\n</secmodel>");
    await expect(host.operations.create(urn, host.inputs({ diskBus: "nvme" }))).rejects.toThrow(
      "use the disk bus virtio, or a newer libvirt",
    );
    expect(host.images()).toEqual([]);
  });
});

describe("a guest that is there", () => {
  const made = async () => {
    const host = kvmHost();
    await host.operations.create(urn, host.inputs());
    return { ...host, resource: { urn, id: uuid, state: host.inputs() } };
  };

  test("shows the memory that somebody gave it", async () => {
    const { operations, resource, write } = await made();
    expect((await operations.read(resource)).inputs).toEqual(resource.state);
    write("memory", String(16_384 * 1024));
    expect((await operations.read(resource)).inputs).toMatchObject({ memoryMiB: 16_384, cores: 8 });
  });

  test("is an error when it cannot be found, with the way to forget it", async () => {
    const { operations, resource } = await made();
    await expect(operations.read({ ...resource, id: uuid.replace("4", "5") })).rejects.toThrow(
      `MESHGROUND_FORGET=${uuid.replace("4", "5")} pulumi up`,
    );
  });

  test("is changed in place; what only counts at the first boot changes nothing", async () => {
    const { operations, resource, domain, calls, said } = await made();
    const first = { ...resource.state, userData: "#cloud-config\n", image: "/srv/newer.qcow2" };
    expect(operations.diff(resource, first)).toEqual({ changed: false, replaces: [] });
    const more = { ...first, cores: 16, diskGiB: 300 };
    expect(operations.diff(resource, more)).toEqual({ changed: true, replaces: [] });
    await expect(operations.update(resource, more)).resolves.toEqual(more);
    expect(domain()).toContain(`<uuid>${uuid}</uuid>`);
    expect(domain()).toContain(">16</vcpu>");
    expect(calls()).toContain(`blockresize ${uuid}`);
    expect(said.join()).toContain("shut down and started again");
    expect(operations.diff(resource, { ...more, name: "oslo-9" }).replaces).toEqual(["name"]);
  });

  test("keeps its host's new address to itself", async () => {
    const { operations, resource, calls } = await made();
    const before = calls();
    const moved = { ...resource.state, connection: { ...resource.state.connection, address: "10.0.0.3" } };
    await expect(operations.update(resource, moved)).resolves.toEqual(moved);
    expect(calls()).toBe(before);
  });

  test("does not lose what is on its disk to a smaller one", async () => {
    const { operations, resource } = await made();
    await expect(operations.update(resource, { ...resource.state, diskGiB: 100 })).rejects.toThrow(
      "oslo-1: its disk has 200 GiB, and a disk does not shrink to 100. Nothing was changed.",
    );
  });

  test("goes with its disk and its seed, also when half of it is gone already", async () => {
    const { operations, resource, images, domain } = await made();
    await operations.delete(resource);
    expect([images(), domain()]).toEqual([[], undefined]);
    await expect(operations.delete(resource)).resolves.toBeUndefined();
  });

  test("is not deleted when libvirt does not answer", async () => {
    const { operations, resource, images, write } = await made();
    write("fail-list");
    await expect(operations.delete(resource)).rejects.toThrow("deleting oslo-1 failed");
    expect(images()).toEqual(["oslo-1-seed.iso", "oslo-1.qcow2"]);
  });
});
