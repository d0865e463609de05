import { afterEach, describe, expect, test } from "vitest";
import { conf, Fleet, fleetOf, key } from "./fleet";

let fleet: Fleet | undefined;
afterEach(() => fleet?.stop());

async function tuned(count: number): Promise<Fleet> {
  fleet = await fleetOf(count);
  await fleet.run("apply", ["--yes"]);
  return fleet;
}

describe("verify", () => {
  test("holds where every host has its whole profile", async () => {
    const hosts = await tuned(2);
    expect(await hosts.run("verify")).toMatchObject({ code: 0, stdout: expect.stringContaining("2 hosts: 2 as wanted.") });
  });

  test("names each drifted key with what it is and was to be", async () => {
    const hosts = await tuned(2);
    hosts.hosts[0]?.local.write(`/proc/sys/${key.replaceAll(".", "/")}`, "128\n");
    const { code, stdout } = await hosts.run("verify");
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/^oslo-1 .*: 1 part not as wanted\n {2}net\.core\.somaxconn: 128, wanted 32768$/m),
    ]);
    expect(stdout).toContain("2 hosts: 1 as wanted, 1 not as wanted.");
  });

  test("names a file that would win at the next boot, though all holds now", async () => {
    const hosts = await tuned(1);
    hosts.hosts[0]?.local.write("/etc/sysctl.d/99-zzz.conf", `${key} = 128\n`);
    expect(await hosts.run("verify")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`  ${key}: /etc/sysctl.d/99-zzz.conf:1 sets 128 at the next boot\n`),
    });
  });

  test("says which host cannot be asked, and verifies the others", async () => {
    const hosts = await tuned(2);
    await hosts.hosts[0]?.server.stop();
    expect(await hosts.run("verify")).toMatchObject({ code: 3, stdout: expect.stringContaining("2 hosts: 1 as wanted, 1 failed.") });
  });

  test("writes JSON for machines", async () => {
    const hosts = await tuned(1);
    hosts.hosts[0]?.local.write(conf, "# theirs\n");
    const { stdout } = await hosts.run("verify", ["--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      hosts: [{ name: "oslo-1", state: "drifted", mismatches: [{ kind: "file", name: conf }] }],
    });
  });
});

describe("what a host says", () => {
  test.each(["plan", "verify"])("reaches no terminal raw: %s", async (verb) => {
    fleet = new Fleet();
    await fleet.add({ onExec: () => "printf 'facts\\t\\033[31mred\\033]0;title\\007\\r\\n'; printf '\\033[2J' >&2; exit 3" });
    fleet.writeProfile();
    fleet.writeInventory();
    const { code, stdout, stderr } = await fleet.run(verb);
    expect([code, stderr]).toEqual([3, ""]);
    expect(stdout).toContain("failed, ");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  });
});
