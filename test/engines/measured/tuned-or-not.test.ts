import { setTimeout as pause } from "node:timers/promises";
import { KernelProfile } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KernelSetting, settingsOf } from "../../../lib/nodes/kernel-setting";
import { engines } from "../engines.mts";
import { evidence } from "../evidence";
import { isMissing } from "../program";
import type { Attempt } from "./tuned-or-not-burst.mts";
import { ports, shortBacklog } from "./tuned-or-not-envoy";
import { type Counters, Ground, isOfNamespace, machineValue, type TestedEnvoy } from "./tuned-or-not-ground";

const profile = settingsOf(KernelProfile.mesh());
const own = profile.filter(isOfNamespace);
const only = (key: string): readonly KernelSetting[] => own.filter((setting) => setting.key === key);
const [somaxconn, synBacklog, twReuse, portRange] = [
  "net.core.somaxconn",
  "net.ipv4.tcp_max_syn_backlog",
  "net.ipv4.tcp_tw_reuse",
  "net.ipv4.ip_local_port_range",
] as const;

function groundIsMissing(): boolean {
  const root = process.getuid?.() === 0;
  if (!root) process.stderr.write("SKIPPED: only root can make namespaces with kernel settings of their own\n");
  return isMissing(engines.envoy) || !root;
}

describe.skipIf(groundIsMissing())("what the mesh's kernel profile does for Envoy, and what it does not", () => {
  const before = profile.map(({ key }) => machineValue(key));
  let ground: Ground;
  let stock: TestedEnvoy;
  let tuned: TestedEnvoy;

  beforeAll(async () => {
    ground = await Ground.start();
    stock = await ground.envoy("stock", []);
    tuned = await ground.envoy("tuned", own);
  });

  afterAll(async () => await ground.end());

  test("two of six keys are the node's, one says what the kernel says", (context) => {
    const others = profile.filter((setting) => !own.includes(setting)).map(({ key }) => key);
    expect(others).toEqual(["fs.file-max", "net.netfilter.nf_conntrack_max"]);
    const changed = own.filter(({ key, value }) => stock.kernelValue(key) !== value).map(({ key }) => key);
    expect(changed).toEqual([somaxconn, synBacklog, twReuse]);
    expect(own.map(({ key }) => tuned.kernelValue(key))).toEqual(own.map(({ value }) => value));
    expect(profile.map(({ key }) => machineValue(key))).toEqual(before);
    evidence(
      context,
      {
        claim: `\`${portRange}\` of the profile does nothing where nobody changed it`,
        measured: `the kernel's own value in a new namespace is the profile's, ${stock.kernelValue(portRange)}`,
      },
      {
        claim: `\`${others.join("`, `")}\` are the whole node's`,
        measured: "not judged: two values cannot stand side by side on one machine",
        tolerance: "none",
      },
    );
  });

  test("an Envoy's listener has a queue as long as somaxconn, unless its own configuration says less", (context) => {
    const queues = [stock, tuned].map((envoy) => envoy.longestQueue(ports.http));
    expect(queues).toEqual([4_096, 32_768]);
    expect([stock, tuned].map((envoy) => envoy.longestQueue(ports.short))).toEqual([shortBacklog, shortBacklog]);
    evidence(context, {
      claim: `\`${somaxconn}\` reaches Envoy's listeners, which by default ask for all of it`,
      measured: `the kernel gives a listener room for ${queues.join(" connections with its default, ")} with the profile; with \`tcp_backlog_size: ${shortBacklog}\` ${shortBacklog} with both`,
    });
  });

  test("a burst above 4096 while Envoy is busy loses SYNs with the kernel's default, and none with the profile", async (context) => {
    const connections = 5_000;
    const rounds: (readonly [Burst, Burst])[] = [];
    for (const _ of [1, 2]) rounds.push([await busyBurst(stock, ports.http, connections), await busyBurst(tuned, ports.http, connections)]);
    for (const [untouched, better] of rounds) {
      // One more than the queue is long, each of the rest at its first try.
      expect(untouched.counted.ListenOverflows).toBeGreaterThanOrEqual(connections - 4_097);
      expect(untouched.late).toBeGreaterThanOrEqual(connections - 4_097);
      expect(better.counted.ListenOverflows).toBe(0);
      expect(better.counted.ListenDrops).toBe(0);
      expect(better.late).toBeLessThan(untouched.late);
      expect(better.p99).toBeLessThan(untouched.p99);
    }
    evidence(context, {
      claim: `\`${somaxconn}\` lets a burst of ${connections} connections wait for a busy Envoy`,
      measured: rounds
        .map(([untouched, better]) => `kernel's default: ${saidOf(untouched)}; profile: ${saidOf(better)}`)
        .join(". Second round: "),
      tolerance: "no overflow with the profile; with the default all above 4097 are dropped and tried again after a second",
    });
  });

  test("a burst of 2000 waits with both, and where a listener says 128 both lose the same", async (context) => {
    const small = [await busyBurst(stock, ports.http, 2_000), await busyBurst(tuned, ports.http, 2_000)];
    expect(small.map(({ counted }) => counted.ListenOverflows)).toEqual([0, 0]);
    const short = [await busyBurst(stock, ports.short, 500), await busyBurst(tuned, ports.short, 500)];
    for (const { counted } of short) expect(counted.ListenOverflows).toBeGreaterThan(0);
    evidence(context, {
      claim: `\`${somaxconn}\` does nothing for bursts up to 4096, and nothing for a listener that asks for less`,
      measured: `2000 connections: ${small.map(saidOf).join("; with the profile ")}. 500 to a listener with \`tcp_backlog_size: ${shortBacklog}\`: ${short.map(saidOf).join("; with the profile ")}`,
      tolerance: "no overflow with either; some with both",
    });
  });

  test("the length of the SYN queue is somaxconn too: tcp_max_syn_backlog counts only where SYN cookies are off", async (context) => {
    const settings = {
      "kernel's default": [],
      [`${synBacklog} only`]: only(synBacklog),
      [`${somaxconn} only`]: only(somaxconn),
      profile: own,
    };
    const seen = new Map<string, HalfOpen>();
    for (const cookies of [1, 0])
      for (const [name, some] of Object.entries(settings)) {
        const withCookies = [...some, { key: "net.ipv4.tcp_syncookies", mode: "exact", value: String(cookies) }] as const;
        seen.set(`${name}, ${cookies}`, await halfOpen(await ground.envoy(`half-open-${seen.size}`, withCookies)));
      }
    const of = (name: string, cookies: 0 | 1): HalfOpen => seen.get(`${name}, ${cookies}`) ?? noHalfOpen;
    const [none, syn, accept, all] = Object.keys(settings) as [string, string, string, string];
    // With cookies, as the kernel has it: nobody is refused, and only somaxconn makes cookies needless.
    expect([none, syn, accept, all].map((name) => of(name, 1).refused)).toEqual([0, 0, 0, 0]);
    expect([none, syn].map((name) => of(name, 1).cookies > 0)).toEqual([true, true]);
    expect([accept, all].map((name) => of(name, 1).cookies)).toEqual([0, 0]);
    // Without: only both together let everybody in.
    expect([none, syn, accept].map((name) => of(name, 0).refused > 0)).toEqual([true, true, true]);
    expect(of(all, 0).refused).toBe(0);
    const line = (cookies: 0 | 1): string =>
      [none, syn, accept, all]
        .map(
          (name) =>
            `${name}: ${of(name, cookies).kept} kept, ${of(name, cookies).cookies} cookies, ${of(name, cookies).refused} of 100 callers refused`,
        )
        .join("; ");
    evidence(
      context,
      {
        claim: `\`${synBacklog}\` does nothing while SYN cookies are on, which is the kernel's default; \`${somaxconn}\` is the length of that queue as well`,
        measured: `${halfOpenConnections} half-open connections: ${line(1)}`,
        tolerance: "nobody is refused in any case; no cookies where somaxconn is raised",
      },
      {
        claim: `Without SYN cookies \`${synBacklog}\` counts, together with \`${somaxconn}\``,
        measured: `${halfOpenConnections} half-open connections: ${line(0)}`,
        tolerance: "somebody is refused unless both are raised",
      },
    );
  });

  test("ordinary churn is the same with both", async (context) => {
    const rounds: (readonly [Churn, Churn])[] = [];
    for (const _ of [1, 2, 3]) rounds.push([await churn(stock), await churn(tuned)]);
    for (const { failed, counted } of rounds.flat()) {
      expect(failed).toBe(0);
      expect([counted.ListenOverflows, counted.TCPReqQFullDrop]).toEqual([0, 0]);
    }
    const best = (side: 0 | 1): number => Math.min(...rounds.map((round) => round[side].p50));
    expect(best(1)).toBeLessThan(2 * best(0));
    expect(best(0)).toBeLessThan(2 * best(1));
    const times = (side: 0 | 1): string => rounds.map((round) => `${ms(round[side].p50)} and ${ms(round[side].p99)}`).join(", ");
    evidence(context, {
      claim: "The profile does nothing for connections that come one after the other",
      measured: `a new connection for each of ${churned} requests, 50 at a time, p50 and p99 of three rounds in turn: ${times(0)} with the kernel's defaults; ${times(1)} with the profile. None failed, none was dropped`,
      tolerance: "no failure, no overflow, the best p50 of each within twice the other's: rounds of one kind are as far apart on two cores",
    });
  });

  test("tcp_tw_reuse keeps an Envoy from running out of ports towards one address", async (context) => {
    const few = { key: portRange, mode: "exact", value: `32768 ${32_767 + fewPorts}` } as const;
    const untouched = await manyConnections(await ground.envoy("few-ports-stock", [few]), "/churn");
    const better = await manyConnections(
      await ground.envoy("few-ports-tuned", [...own.filter(({ key }) => key !== portRange), few]),
      "/churn",
    );
    const onLoopback = await manyConnections(await ground.envoy("few-ports-loopback", [few]), "/loopback");
    expect(untouched.failed).toBeGreaterThanOrEqual(fewRequests - fewPorts - 100);
    expect(better.failed).toBe(0);
    expect(better.counted.TWRecycled).toBeGreaterThan(0);
    expect(onLoopback.failed).toBe(0);
    const line = ({ failed, waiting, p50, p99, counted }: Churn & { readonly waiting: number }): string =>
      `${failed} of ${fewRequests} requests failed, ${waiting} ports in TIME-WAIT, ${counted.TWRecycled} taken again, p50 ${ms(p50)}, p99 ${ms(p99)}`;
    evidence(
      context,
      {
        claim: `\`${twReuse}\` lets Envoy go on connecting to one address when its ports wait in TIME-WAIT`,
        measured: `${fewPorts} ports, a tenth of the range, and a connection for each request: kernel's default: ${line(untouched)}; profile: ${line(better)}`,
        tolerance: "with the default all above the ports fail (503, Envoy cannot bind an address), with the profile none",
      },
      {
        claim: `Between a sidecar and its own application the kernel's default of \`${twReuse}\`, 2, is enough`,
        measured: `the same on loopback, kernel's default: ${line(onLoopback)}`,
        tolerance: "none fails",
      },
    );
  });
});

const halfOpenConnections = 6_000;
const churned = 2_000;
const fewPorts = 2_823;
const fewRequests = 4_000;

interface Burst {
  readonly counted: Counters;
  /** Connections whose first SYN was not answered: the kernel tries again after a second. */
  readonly late: number;
  readonly failed: number;
  /** Of the time to connect. Unit: milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Connections to an Envoy that accepts none until all are there. */
async function busyBurst(envoy: TestedEnvoy, port: number, connections: number): Promise<Burst> {
  const { result, counted } = await envoy.counting(() => envoy.burstWhileBusy({ port, connections, patience: 30_000 }, 300));
  const connected = result.map(([took]) => took);
  expect(connected.length).toBe(connections);
  return { counted, late: late(result), failed: failures(result), p50: quantile(connected, 0.5), p99: quantile(connected, 0.99) };
}

interface HalfOpen {
  /** Half-open connections that the kernel kept. */
  readonly kept: number;
  readonly cookies: number;
  readonly refused: number;
}

const noHalfOpen: HalfOpen = { kept: Number.NaN, cookies: Number.NaN, refused: Number.NaN };

/** Callers beside many connections that stay half open. */
async function halfOpen(envoy: TestedEnvoy): Promise<HalfOpen> {
  const { result, counted } = await envoy.counting(() =>
    envoy.whileHalfOpen(halfOpenConnections, async () => {
      await pause(200);
      const kept = envoy.sockets("syn-recv");
      return { kept, callers: await envoy.burst({ port: ports.http, connections: 100, patience: 2_500 }) };
    }),
  );
  return { kept: result.kept, cookies: counted.SyncookiesSent ?? Number.NaN, refused: failures(result.callers) };
}

interface Churn {
  readonly counted: Counters;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
}

/** A new connection to Envoy for each request. */
async function churn(envoy: TestedEnvoy): Promise<Churn> {
  return await requests(envoy, { url: envoy.url("/"), keepAlive: false, requests: churned, concurrency: 50 });
}

/** A new connection from Envoy for each request, at most a thousand in a second: a port can be taken again after one. */
async function manyConnections(envoy: TestedEnvoy, path: string): Promise<Churn & { readonly waiting: number }> {
  const seen = await requests(envoy, { url: envoy.url(path), requests: fewRequests, concurrency: 16, pause: 16 });
  return { ...seen, waiting: envoy.sockets("time-wait") };
}

async function requests(envoy: TestedEnvoy, load: Parameters<TestedEnvoy["client"]["send"]>[0]): Promise<Churn> {
  const { result, counted } = await envoy.counting(() => envoy.client.send(load));
  const took = result.map(([, time]) => time);
  const failed = result.filter(([, , status]) => status !== 200).length;
  return { counted, failed, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

function failures(attempts: readonly Attempt[]): number {
  return attempts.filter(([, answered]) => answered < 0).length;
}

function late(attempts: readonly Attempt[]): number {
  return attempts.filter(([connected]) => connected < 0 || connected > 900).length;
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.NaN;
}

function saidOf({ counted, late: second, failed, p50, p99 }: Burst): string {
  return `${counted.ListenOverflows} overflows, ${second} connections after a second or more, ${failed} failed, connect p50 ${ms(p50)}, p99 ${ms(p99)}`;
}

function ms(time: number): string {
  return `${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms`;
}
