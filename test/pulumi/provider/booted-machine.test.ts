import { describe, expect, test } from "vitest";
import { HostError } from "../../../lib/hosts/host-error";
import { BootedMachineOperations } from "../../../lib/pulumi/provider/booted-machine-operations";
import { HostAccess } from "../../../lib/pulumi/provider/host-access";
import { HostDouble } from "./host-double";
import { hostKey } from "./wire";

const urn = "urn:pulumi:dev::shop::meshground:index:BootedMachine::shop/oslo-1/booted";
const inputs = { connection: { address: "10.0.0.11", hostKey } };
const booting = (reason: "unreachable" | "host-key"): HostError => new HostError("10.0.0.11:22", reason, "not yet");

/** Operations over a host that lets nobody in for the first few tries. */
function over(host: HostDouble, tries: number, refusal = booting("unreachable")) {
  let left = tries;
  const connect: HostDouble["connect"] = async (connection) => {
    if (left-- > 0) throw refusal;
    return host.connect(connection);
  };
  return { operations: new BootedMachineOperations(new HostAccess(connect, 4), { total: 200, between: 1 }), triesLeft: () => left };
}

describe("a machine that boots", () => {
  test("is there once it answers and cloud-init is done", async () => {
    const host = new HostDouble();
    host.answer = () => ({ exitCode: 0, stdout: `${host.machineId}\n`, stderr: "" });
    await expect(over(host, 3).operations.create(urn, inputs)).resolves.toEqual({ id: host.machineId, state: inputs });
    expect(host.calls.join()).toContain("cloud-init status --wait");
    expect(host.connection?.commandTimeout).toBe("15m");
  });

  test("is given up on when its time is over", async () => {
    await expect(over(new HostDouble(), 1_000_000).operations.create(urn, inputs)).rejects.toThrow("not yet");
  });

  test("is not waited for when it has another key than the pinned one", async () => {
    const { operations, triesLeft } = over(new HostDouble(), 5, booting("host-key"));
    await expect(operations.create(urn, inputs)).rejects.toThrow("not yet");
    expect(triesLeft()).toBe(4);
  });

  test("is an error when cloud-init fails, with its last words", async () => {
    const host = new HostDouble();
    host.answer = () => ({ exitCode: 1, stdout: "", stderr: "status: error\nmodule scripts-user failed\u001b[31m" });
    await expect(over(host, 0).operations.create(urn, inputs)).rejects.toThrow(/did not come to a good end.*module scripts-user failed/);
  });

  test("has to name a machine", async () => {
    const host = new HostDouble();
    host.answer = () => ({ exitCode: 0, stdout: "uninitialized\n", stderr: "" });
    await expect(over(host, 0).operations.create(urn, inputs)).rejects.toThrow("10.0.0.11:22");
  });

  test("is waited for again when it was restarted, and has to be the same machine then", async () => {
    const host = new HostDouble();
    host.answer = () => ({ exitCode: 0, stdout: `${host.machineId}\n`, stderr: "" });
    const { operations, triesLeft } = over(host, 3);
    const resource = { urn, id: host.machineId, state: { ...inputs, restartsWith: "ccx23" } };
    const larger = { ...inputs, restartsWith: "ccx33" };
    expect(operations.diff(resource, larger)).toEqual({ changed: true, replaces: [] });
    await expect(operations.update(resource, larger)).resolves.toEqual(larger);
    expect(triesLeft()).toBe(-1);
    await expect(operations.update({ ...resource, id: "f".repeat(32) }, larger)).rejects.toThrow("was restarted");
  });

  test("is not touched afterwards: another address is noted, and deleting leaves it", async () => {
    const host = new HostDouble();
    const { operations } = over(host, 0);
    const resource = { urn, id: host.machineId, state: inputs };
    const moved = { connection: { address: "10.0.0.12", hostKey } };
    expect(operations.diff(resource, inputs)).toEqual({ changed: false, replaces: [] });
    expect(operations.diff(resource, moved)).toEqual({ changed: true, replaces: [] });
    await expect(operations.update(resource, moved)).resolves.toEqual(moved);
    await expect(operations.read(resource)).resolves.toEqual({ inputs, state: inputs });
    await operations.delete();
    expect(host.calls).toEqual([]);
    expect(operations.check({ connection: {} }).map(({ path }) => path)).toEqual(["connection.address", "connection.hostKey"]);
  });
});
