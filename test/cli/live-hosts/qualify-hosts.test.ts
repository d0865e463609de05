import { afterEach, describe, expect, test } from "vitest";
import { requirements } from "../../hosts/measured";
import { Fleet } from "./fleet";

let fleet: Fleet | undefined;
afterEach(() => fleet?.stop());

/** Says what a real machine printed when it was measured, in the frame in which the program would say it. */
const measured = `token=$(grep -o 'meshground-[0-9a-f]\\{32\\}' | tail -n 1)
printf '%s begin\\n' "$token"; printf '%s begin\\n' "$token" >&2
cat test/hosts/captured/qualification.txt
printf '\\n%s end 0\\n' "$token"; printf '\\n%s end\\n' "$token" >&2`;

async function started(): Promise<Fleet> {
  fleet = new Fleet();
  await fleet.add({ onExec: () => measured });
  fleet.writeProfile();
  fleet.writeInventory();
  fleet.write("artefacts/nodes/oslo/requirements.json", JSON.stringify(requirements));
  return fleet;
}

describe("qualify", () => {
  test("shows what was measured beside what is asked for, and ends with 1 when a host does not measure up", async () => {
    const { code, stdout, stderr } = await (await started()).run("qualify");
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^oslo-1, pool oslo: NOT QUALIFIED, \d+ of \d+ measures block it$/m);
    expect(stdout).toMatch(/^cores {2,}at least 8/m);
  });

  test("writes JSON for machines", async () => {
    const { stdout } = await (await started()).run("qualify", ["--json"]);
    const { hosts } = JSON.parse(stdout) as { readonly hosts: readonly { readonly rows: readonly unknown[] }[] };
    expect(hosts).toMatchObject([{ name: "oslo-1", pool: "oslo", state: "unqualified" }]);
    expect(hosts[0]?.rows).toContainEqual(expect.objectContaining({ measure: "memory", verdict: expect.any(String) }));
  });

  test("ends with 3 when a host cannot be asked", async () => {
    const hosts = await started();
    await hosts.hosts[0]?.server.stop();
    expect(await hosts.run("qualify")).toMatchObject({ code: 3, stdout: expect.stringContaining("failed, unreachable") });
  });

  test("says how a pool comes to limits when it has none", async () => {
    const hosts = await started();
    hosts.writeInventory({ "oslo-1": { pool: "bergen" } });
    expect(await hosts.run("qualify")).toMatchObject({ code: 2, stderr: expect.stringContaining("qualify: {}") });
  });
});
