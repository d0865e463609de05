import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { libvirtDomain } from "../../../lib/pulumi/provider/libvirt-domain";
import { libvirtMachineInputs } from "../../../lib/pulumi/provider/libvirt-machine-inputs";
import { machine } from "./libvirt";

describe("a guest's domain", () => {
  test("is one machine with one disk, one card and its seed", async () => {
    await expect(libvirtDomain(machine(), "libvirt")).toMatchFileSnapshot("../../golden/pulumi/libvirt-domain.xml");
  });

  test("has an NVMe disk in libvirt's words, or in qemu's where libvirt has none", () => {
    const nvme = machine({ diskBus: "nvme" });
    expect(libvirtDomain(nvme, "libvirt")).toContain('<target dev="nvme0n1" bus="nvme"/>');
    const own = libvirtDomain(nvme, "qemu");
    expect(own).toContain('<qemu:arg value="nvme,drive=ground-disk,serial=525400123456,bootindex=1"/>');
    expect(own).not.toContain('device="disk"');
  });

  test("keeps its identity when it is changed", () => {
    const uuid = "4dea22b3-1d52-48f3-8be2-c6b7f1b9a1a0";
    expect(libvirtDomain(machine(), "libvirt", uuid)).toContain(`<uuid>${uuid}</uuid>`);
  });

  test("is well-formed whatever the texts in it are", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("libvirt", "qemu"), (text, form) => {
        const xml = libvirtDomain(machine({ diskBus: "nvme", name: text, folder: text, network: { network: text }, mac: text }), form);
        const between = xml.replaceAll(/<[^<>]*>/g, "");
        expect(xml.match(/"/g)?.length ?? 0).toBe(
          libvirtDomain(machine({ diskBus: "nvme", network: { network: "x" } }), form).match(/"/g)?.length,
        );
        expect(between).not.toMatch(/[<>]/);
      }),
    );
  });
});

describe("inputs of a guest", () => {
  const problems = (different: object): readonly string[] =>
    libvirtMachineInputs("", { ...machine(), ...different }).map(({ path }) => path);

  test("are what a driver gives", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ network: { network: "default" }, diskBus: "nvme" })).toEqual([]);
  });

  test.each([
    [{ name: "oslo 1" }, "name"],
    [{ name: "$(reboot)" }, "name"],
    [{ image: "/srv/../etc/shadow,readonly=off" }, "image"],
    [{ image: "/srv/a'b" }, "image"],
    [{ folder: "images" }, "folder"],
    [{ folder: "/srv/.." }, "folder"],
    [{ network: { bridge: "br0;reboot" } }, "network.bridge"],
    [{ network: { bridge: "a-bridge-with-a-long-name" } }, "network.bridge"],
    [{ network: {} }, "network.network"],
    [{ mac: "00:00:00:00:00:00" }, "mac"],
    [{ cores: 0 }, "cores"],
    [{ diskBus: "ide" }, "diskBus"],
  ])("refuse %j", (different, path) => {
    expect(problems(different)).toEqual([path]);
  });

  test("show nothing of the user data", () => {
    const [problem] = libvirtMachineInputs("", { ...machine(), userData: "PRIVATE\0KEY" });
    expect(problem).toEqual({ path: "userData", message: "expected user data of at most 1 MiB." });
  });
});
