import { expect, test } from "vitest";
import { type ConnectedHost, HostAccess } from "../../../lib/pulumi/provider/host-access";
import { HostDouble } from "./host-double";
import { hostKey } from "./wire";

const connection = { address: "10.0.0.11", hostKey };

/** A promise that somebody else settles. */
function later() {
  let settle: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

test("works on so many hosts at once and no more, and on all of them in the end", async () => {
  const access = new HostAccess(new HostDouble().connect, 2);
  let [now, most, done] = [0, 0, 0];
  const work = async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    done += 1;
  };
  await Promise.all(Array.from({ length: 7 }, () => access.use(connection, work)));
  expect([most, done]).toEqual([2, 7]);
});

test("closes the connection when the work fails, and makes room", async () => {
  const host = new HostDouble();
  const access = new HostAccess(host.connect, 1);
  const failing = access.use(connection, async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(host.calls).toEqual(["close"]);
  await expect(access.use(connection, async () => "yes")).resolves.toBe("yes");
});

test("makes room when the host cannot be reached", async () => {
  const access = new HostAccess(async (): Promise<ConnectedHost> => Promise.reject(new Error("nobody there")), 1);
  for (let attempt = 0; attempt < 3; attempt += 1) await expect(access.use(connection, async () => 1)).rejects.toThrow("nobody there");
});

test("a cancel closes what is open, and lets nothing new begin", async () => {
  const host = new HostDouble();
  const access = new HostAccess(host.connect, 1);
  const { promise, settle } = later();
  const begun = access.use(connection, () => promise);
  const waiting = access.use(connection, async () => "never");
  await new Promise((resolve) => setImmediate(resolve));
  await access.cancel();
  expect(host.calls).toEqual(["close"]);
  settle();
  await begun;
  await expect(waiting).rejects.toThrow("cancelled before anything was done");
});
