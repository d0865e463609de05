import { describe, expect, test } from "vitest";
import type { CommandResult } from "../../lib/hosts/host";
import { HostError } from "../../lib/hosts/host-error";
import { type MeasuredHost, qualify, qualifyHost } from "../../lib/hosts/qualify-host";
import { captured, requirements } from "./measured";

const stdout = captured("qualification.txt");

/** A double of a host, which answers the same to every program. */
function answering(result: Partial<CommandResult>): MeasuredHost & { readonly scripts: string[] } {
  const scripts: string[] = [];
  return {
    name: "10.0.0.12:22",
    scripts,
    run: async (script) => {
      scripts.push(script);
      return { exitCode: 0, stdout: "", stderr: "", ...result };
    },
  };
}

const lenient = {
  ...requirements,
  cores: 2,
  memoryBytes: 2 ** 34,
  accept: { nvme: "virtio", linkSpeed: "virtio", clock: "test", virtualization: "test" },
};

test("a host that measures up, or is accepted, comes back as data", async () => {
  const qualification = await qualifyHost(answering({ stdout }), lenient);
  expect(qualification).toMatchObject({ host: "10.0.0.12:22", pool: "oslo" });
  expect(qualification.rows.filter(({ verdict }) => verdict === "accepted").map(({ measure }) => measure)).toEqual(
    "nvme virtualization clock linkSpeed".split(" "),
  );
});

test("a host that does not is refused, with the table", async () => {
  const error = await qualifyHost(answering({ stdout }), requirements).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HostError);
  expect(error).toMatchObject({ host: "10.0.0.12:22", reason: "unqualified" });
  expect((error as HostError).message).toMatchInlineSnapshot(`
    "10.0.0.12:22: does not measure up to the limits of pool "oslo", so nothing was written to it. Mend what blocks, or accept it with a reason in the pool's qualify.accept.

    10.0.0.12:22, pool oslo: NOT QUALIFIED, 6 of 12 measures block it
    measure         wanted                got                                                    verdict
    cores           at least 8            2                                                      FAILS
    memory          about 32 GiB          23.5 GiB                                               FAILS
    diskSize        about 200 GiB         256 GiB                                                holds
    nvme            local NVMe            vda by virtio: cannot be told from inside the machine  NOT MEASURED
    virtualization  none, kvm             docker                                                 FAILS
    clock           synchronised          not synchronised                                       FAILS
    link            up, without errors    eth0 up, 0 errors, 0 dropped                           holds
    linkSpeed       at least 1000 Mbit/s  eth0: the device does not know                         NOT MEASURED
    iowait          below 5 % over 10 s   0 %, host 99.5 % idle                                  holds
    steal           below 1 %             0.242 % under load                                     holds
    jitter          p99.9 below 1 ms      p99.9 0.34 ms, longest 5.42 ms                         holds
    fsync           p99 below 10 ms       p99 0.253 ms, longest 1.27 ms, of 10029                holds

    cores: Take a larger machine, or state in nodes.cpu what the machines have.
    memory: Take a larger machine, or state in nodes.memory what the machines have.
    nvme: Ask the vendor what stands behind the disk, and accept it with the answer as the reason; fsync tells how fast it is.
    virtualization: Take bare metal or a machine with hardware virtualization: a container has no kernel of its own to tune, an emulated machine no speed.
    clock: Install chrony or systemd-timesyncd (Debian: chrony), let UDP port 123 out, and wait for \`timedatectl show -p NTPSynchronized\`.
    linkSpeed: A virtual device has no speed of its own: ask the vendor, or measure with iperf3, and accept it with the answer as the reason.
    "
  `);
});

test("measuring alone refuses nobody", async () => {
  expect((await qualify(answering({ stdout }), requirements)).rows.some(({ verdict }) => verdict === "fails")).toBe(true);
});

test("the program is told the window and the folder", async () => {
  const host = answering({ stdout });
  await qualify(host, { ...requirements, windowSeconds: 7, folder: "/mnt/etcd" });
  expect(host.scripts).toEqual([expect.stringMatching(/^window=7\nfolder=\/mnt\/etcd\nfsync=yes\n/)]);
});

describe("an answer that is not the program's", () => {
  test.each([
    ["exit code", { exitCode: 1, stdout, stderr: "mktemp: No space left on device" }, "(exit 1). It said: mktemp: No space left on device"],
    ["signal", { exitCode: undefined, stdout }, "(exit by a signal). It said: "],
    ["hostile text", { stdout: "\u001b[2Jroot@host\n" }, "(exit 0). It said: [2Jroot@host"],
    ["silence", {}, "(exit 0)."],
  ])("is refused: %s", async (_, result, said) => {
    const error = await qualify(answering(result), requirements).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: "unexpected", message: expect.stringContaining(`10.0.0.12:22: could not be measured ${said}`) });
  });
});
