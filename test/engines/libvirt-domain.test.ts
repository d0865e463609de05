import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { libvirtDomain } from "../../lib/pulumi/provider/libvirt-domain";
import { machine } from "../pulumi/provider/libvirt";
import { temporaryFolder } from "../support/temporary";

const virsh = (...args: readonly string[]) => spawnSync("virsh", ["--connect", "test:///default", ...args], { encoding: "utf8" });
const missing = virsh("version").error !== undefined;
if (missing)
  process.stderr.write(
    "SKIPPED: virsh is not installed, so libvirt does not judge the domains of guests. apt-get install libvirt-clients\n",
  );

/** libvirt's test driver parses a domain as any other driver does, and starts nothing. */
const define = (xml: string): { readonly status: number | null; readonly stderr: string } => {
  const file = join(temporaryFolder("domain"), "domain.xml");
  writeFileSync(file, xml);
  return virsh("define", file);
};

describe.skipIf(missing)("libvirt itself", () => {
  test.each([
    ["a virtio disk", libvirtDomain(machine(), "libvirt")],
    ["a network of libvirt's", libvirtDomain(machine({ network: { network: "default" } }), "libvirt")],
    ["qemu's own NVMe disk", libvirtDomain(machine({ diskBus: "nvme" }), "qemu", "4dea22b3-1d52-48f3-8be2-c6b7f1b9a1a0")],
  ])("takes a guest with %s", (_, xml) => {
    expect(define(xml)).toMatchObject({ status: 0, stderr: "" });
  });

  test("refuses what is wrong, so its silence above means something", () => {
    const wrong = libvirtDomain(machine(), "libvirt").replace('<driver name="qemu" type="qcow2"', '<driver name="qemu" type="qcow9"');
    expect(define(wrong)).toMatchObject({ status: 1, stderr: expect.stringContaining("qcow9") });
  });
});
