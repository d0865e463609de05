import { afterEach, describe, expect, test } from "vitest";
import { conf, Fleet, fleetOf, key, profile } from "./fleet";

const fleets: Fleet[] = [];
afterEach(() => Promise.all(fleets.splice(0).map((fleet) => fleet.stop())));

async function started(count: number): Promise<Fleet> {
  const fleet = await fleetOf(count);
  fleets.push(fleet);
  return fleet;
}

/** A report without the ports, which differ from run to run. */
const plain = (text: string): string => text.replaceAll(/127\.0\.0\.1:\d+/g, "HOST");

describe("plan", () => {
  test("names each key with its value now and then, each file, and changes nothing", async () => {
    const fleet = await started(1);
    const before = fleet.hosts.map(({ local }) => local.times());
    const { code, stdout, stderr } = await fleet.run("plan");
    expect(plain(stdout)).toMatchInlineSnapshot(`
      "oslo-1 (HOST, pool oslo): 2 changes
        net.core.somaxconn: 4096 -> 32768
        /etc/sysctl.d/99-zz-mesh.conf: create

      1 host: 1 to be changed. Nothing was changed.
      "
    `);
    expect([code, stderr]).toEqual([1, ""]);
    expect(fleet.hosts.map(({ local }) => local.times())).toEqual(before);
  });

  test("names a host that cannot be asked and looks at the others", async () => {
    const fleet = await started(3);
    await fleet.hosts[1]?.server.stop();
    const { code, stdout } = await fleet.run("plan");
    expect(code).toBe(3);
    expect(plain(stdout)).toMatch(/^oslo-2 \(HOST, pool oslo\): failed, unreachable\n {2}not reachable: /m);
    expect(stdout).toContain("3 hosts: 2 to be changed, 1 failed.");
  });

  test("looks at the hosts and the pools that are named only", async () => {
    const fleet = await started(3);
    expect((await fleet.run("plan", ["--host", "oslo-2"])).stdout).toContain("1 host: 1 to be changed.");
    expect(fleet.hosts.map(({ server }) => server.logins)).toEqual([0, 1, 0]);
  });

  test("names the line of another file that would win at the next boot", async () => {
    const fleet = await started(1);
    fleet.hosts[0]?.local.write("/etc/sysctl.d/99-zzz.conf", `${key} = 128\n`);
    const { code, stdout } = await fleet.run("plan");
    expect([code, stdout]).toEqual([3, expect.stringContaining(`/etc/sysctl.d/99-zzz.conf:1 sets ${key} = 128`)]);
  });
});

describe("apply", () => {
  test("without --yes changes nothing, and says so", async () => {
    const fleet = await started(2);
    const { code, stdout } = await fleet.run("apply");
    expect([code, fleet.values()]).toEqual([1, ["4096", "4096"]]);
    expect(stdout).toContain("Nothing was changed. To do it, add --yes.");
  });

  test("with --yes gives every host the profile, and a second time finds nothing to do", async () => {
    const fleet = await started(3);
    const first = await fleet.run("apply", ["--yes"]);
    expect(first).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("3 hosts: 3 changed.") });
    expect(fleet.values()).toEqual(["32768", "32768", "32768"]);
    expect(await fleet.run("apply", ["--yes"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("3 hosts: 3 with nothing to do."),
    });
    expect(await fleet.run("plan")).toMatchObject({ code: 0 });
  });

  test("begins nothing after the first host that fails, and says for each what happened", async () => {
    const fleet = await started(3);
    fleet.writeProfile({ ...profile, settings: [...profile.settings, { key: "fs.stubborn", mode: "exact", value: "7" }] });
    fleet.hosts[0]?.local.refuse("fs.stubborn");
    const { code, stdout } = await fleet.run("apply", ["--yes"]);
    expect(code).toBe(3);
    expect(plain(stdout)).toMatchInlineSnapshot(`
      "oslo-1 (HOST, pool oslo): failed, not-held
        did not hold:
          value fs.stubborn: wanted 7, got empty
        Everything was put back as it was.
      oslo-2 (HOST, pool oslo): not begun, it is as it was
        net.core.somaxconn: 4096 -> 32768
        fs.stubborn: absent -> 7
        /etc/sysctl.d/99-zz-mesh.conf: create
      oslo-3 (HOST, pool oslo): not begun, it is as it was
        net.core.somaxconn: 4096 -> 32768
        fs.stubborn: absent -> 7
        /etc/sysctl.d/99-zz-mesh.conf: create

      3 hosts: 2 not begun, 1 failed.
      "
    `);
    expect(fleet.values()).toEqual(["4096", "4096", "4096"]);
  });

  test("changes no host when one of them cannot be asked", async () => {
    const fleet = await started(3);
    await fleet.hosts[2]?.server.stop();
    const { code, stdout } = await fleet.run("apply", ["--yes"]);
    expect([code, fleet.values()]).toEqual([3, ["4096", "4096", "4096"]]);
    expect(stdout).toContain("Nothing was changed on any host.");
  });

  test("changes no host that is tuned for another pool, nor any other", async () => {
    const fleet = await started(2);
    await fleet.run("apply", ["--yes", "--host", "oslo-1"]);
    fleet.writeProfile({ ...profile, pool: "bergen" });
    fleet.writeInventory({ "oslo-1": { pool: "bergen" } });
    const { code, stdout } = await fleet.run("apply", ["--yes"]);
    expect([code, stdout]).toEqual([3, expect.stringContaining('it is tuned for the pool "oslo", not for "bergen"')]);
    expect(fleet.values()).toEqual(["32768", "4096"]);
  });

  test("changes no machine that stands in the inventory twice", async () => {
    const fleet = await started(2);
    fleet.hosts[1]?.local.write("/etc/machine-id", `${"1".padStart(32, "0")}\n`);
    const { code, stdout } = await fleet.run("apply", ["--yes"]);
    expect([code, stdout]).toEqual([3, expect.stringContaining("is that of oslo-1 too.")]);
    expect(fleet.values()).toEqual(["4096", "4096"]);
  });

  test("shows progress to whoever sits at standard error, and to nobody else", async () => {
    const fleet = await started(1);
    const { stderr } = await fleet.run("apply", ["--yes"], { errorIsTerminal: true });
    expect(stderr).toBe("oslo-1: applying …\noslo-1: done\n");
  });

  test("writes JSON for machines", async () => {
    const fleet = await started(1);
    const { stdout } = await fleet.run("apply", ["--yes", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      hosts: [
        {
          name: "oslo-1",
          pool: "oslo",
          address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
          state: "changed",
          changes: [
            { kind: "value", key, from: "4096", to: "32768", floor: false },
            { kind: "file", path: conf, action: "create" },
          ],
        },
      ],
    });
  });
});

describe("an interruption", () => {
  test("lets what is under way come to its end, begins nothing more, and says which is which", async () => {
    let interrupt = (): void => undefined;
    const fleet = new Fleet();
    fleets.push(fleet);
    let runs = 0;
    await fleet.add({
      onExec: (command) => {
        runs += 1;
        // The first run looks, the second applies.
        if (runs === 2) interrupt();
        return command;
      },
    });
    await fleet.add();
    fleet.writeProfile();
    fleet.writeInventory();
    const { code, stdout, stderr } = await fleet.run("apply", ["--yes"], {
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    });
    expect(code).toBe(130);
    expect(stderr).toContain("interrupted, nothing more is begun. Waiting for oslo-1.");
    expect(stdout).toContain("2 hosts: 1 changed, 1 not begun.");
    expect(fleet.values()).toEqual(["32768", "4096"]);
  });

  test("that comes twice leaves at once, and says where to look", async () => {
    let interrupt = (): void => undefined;
    const fleet = new Fleet();
    fleets.push(fleet);
    let runs = 0;
    await fleet.add({
      onExec: (command) => {
        runs += 1;
        if (runs !== 2) return command;
        interrupt();
        setTimeout(() => interrupt(), 50);
        return false;
      },
    });
    fleet.writeProfile();
    fleet.writeInventory();
    const { code, stdout, stderr } = await fleet.run("apply", ["--yes"], {
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    });
    expect(code).toBe(130);
    expect(stderr).toContain("What was begun on oslo-1 is finished or undone there: see with meshground hosts verify.");
    expect(stdout).toContain("failed, cut-off");
  });
});

describe("restore", () => {
  test("without --yes says what would go back, and with it puts everything back", async () => {
    const fleet = await started(2);
    const before = fleet.hosts.map(({ local }) => local.contents());
    await fleet.run("apply", ["--yes"]);
    const dry = await fleet.run("restore");
    expect(dry).toMatchObject({ code: 1, stdout: expect.stringContaining(`  ${key}: 32768 -> 4096\n  ${conf}: delete\n`) });
    expect(fleet.values()).toEqual(["32768", "32768"]);
    expect(await fleet.run("restore", ["--yes"])).toMatchObject({ code: 0, stdout: expect.stringContaining("2 hosts: 2 changed.") });
    expect(fleet.hosts.map(({ local }) => local.contents())).toEqual(before);
    expect(await fleet.run("restore", ["--yes"])).toMatchObject({ code: 0, stdout: expect.stringContaining("2 with nothing to do") });
  });
});
