import { setTimeout as pause } from "node:timers/promises";
import { KernelProfile } from "meshground";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KernelSetting, settingsOf } from "../../../lib/nodes/kernel-setting";
import { engines } from "../engines.mts";
import { evidence } from "../evidence";
import { failuresOf, percentile } from "../mesh/answers";
import type { Answer } from "../mesh/load.mts";
import { isMissing } from "../program";
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
  let ground: Ground | undefined;
  let stock: TestedEnvoy;
  let tuned: TestedEnvoy;

  beforeAll(async () => {
    ground = await Ground.start();
    stock = await ground.envoy("stock", []);
    tuned = await ground.envoy("tuned", own);
  });

  afterAll(async () => await ground?.end());

  async function envoyWith(name: string, settings: readonly KernelSetting[]): Promise<TestedEnvoy> {
    if (ground === undefined) throw new Error("the ground did not start");
    return await ground.envoy(name, settings);
  }

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
    const queues = [stock, tuned].flatMap((envoy) => envoy.queues(ports.http));
    expect(queues).toEqual([4_096, 32_768]);
    expect([stock, tuned].flatMap((envoy) => envoy.queues(ports.short))).toEqual([shortBacklog, shortBacklog]);
    evidence(context, {
      claim: `\`${somaxconn}\` reaches Envoy's listeners, which by default ask for all of it`,
      measured: `the kernel gives a listener room for ${queues.join(" connections with its default, ")} with the profile; with \`tcp_backlog_size: ${shortBacklog}\` ${shortBacklog} with both`,
    });
  });

  test("a burst above 4096 while Envoy is stopped loses SYNs with the kernel's default, and none with the profile", async (context) => {
    const connections = 5_000;
    const rounds: (readonly [Burst, Burst])[] = [];
    for (const _ of [1, 2])
      rounds.push([await stoppedBurst(stock, ports.http, connections), await stoppedBurst(tuned, ports.http, connections)]);
    for (const [untouched, better] of rounds) {
      // One more than the queue is long, each of the rest at its first try.
      expect(untouched.counted.ListenOverflows).toBeGreaterThanOrEqual(connections - 4_097);
      expect(untouched.counted.ListenDrops).toBeGreaterThanOrEqual(connections - 4_097);
      expect(untouched.late).toBeGreaterThanOrEqual(connections - 4_097);
      expect(better.counted.ListenOverflows).toBe(0);
      expect(better.counted.ListenDrops).toBe(0);
      expect(better.late).toBeLessThan(untouched.late);
      expect(better.p99).toBeLessThan(untouched.p99);
    }
    evidence(context, {
      claim: `\`${somaxconn}\` lets a burst of ${connections} connections wait for an Envoy that accepts none meanwhile: it is stopped by SIGSTOP until all are opened`,
      measured: rounds
        .map(([untouched, better]) => `kernel's default: ${saidOf(untouched)}; profile: ${saidOf(better)}`)
        .join(". Second round: "),
      tolerance:
        "no overflow and no dropped SYN with the profile; with the default all above 4097 are dropped and tried again after a second",
    });
  });

  test("a burst of 4096 waits with both, and where a listener says 128 both lose the same", async (context) => {
    const small = [await stoppedBurst(stock, ports.http, 4_096), await stoppedBurst(tuned, ports.http, 4_096)];
    for (const { counted } of small) expect([counted.ListenOverflows, counted.ListenDrops]).toEqual([0, 0]);
    const short = [await stoppedBurst(stock, ports.short, 500), await stoppedBurst(tuned, ports.short, 500)];
    for (const one of short) {
      expect(one.counted.ListenDrops).toBeGreaterThanOrEqual(500 - shortBacklog - 1);
      expect(one.late).toBeGreaterThanOrEqual(500 - shortBacklog - 1);
    }
    evidence(context, {
      claim: `\`${somaxconn}\` saves no SYN in a burst of 4096, which the default's queue holds, and none at a listener that asks for a shorter one: Envoy is stopped by SIGSTOP again`,
      measured: `4096 connections: ${small.map(saidOf).join("; with the profile ")}. 500 to a listener with \`tcp_backlog_size: ${shortBacklog}\`: ${short.map(saidOf).join("; with the profile ")}`,
      tolerance: `no overflow and no dropped SYN with either; at the short queue all above ${shortBacklog + 1} are dropped and tried again after a second, with both`,
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
        seen.set(`${name}, ${cookies}`, await halfOpen(await envoyWith(`half-open-${seen.size}`, withCookies)));
      }
    const of = (name: string, cookies: 0 | 1): HalfOpen => seen.get(`${name}, ${cookies}`) ?? noHalfOpen;
    const [none, syn, accept, all] = Object.keys(settings) as [string, string, string, string];
    // With cookies, as the kernel has it: nobody is refused, and only somaxconn makes cookies needless.
    expect([none, syn, accept, all].map((name) => of(name, 1).refused)).toEqual([0, 0, 0, 0]);
    const cookiesSent = (name: string): number => of(name, 1).counted.SyncookiesSent ?? Number.NaN;
    expect([none, syn].map((name) => cookiesSent(name) > 0)).toEqual([true, true]);
    expect([accept, all].map(cookiesSent)).toEqual([0, 0]);
    // Without: only both together let everybody in.
    expect([none, syn, accept].map((name) => of(name, 0).refused > 0)).toEqual([true, true, true]);
    expect(of(all, 0).refused).toBe(0);
    const line = (cookies: 0 | 1): string =>
      [none, syn, accept, all].map((name) => `${name}: ${saidOfHalfOpen(of(name, cookies))}`).join("; ");
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

  test("ordinary churn is served by both, neither twice as fast as the other", async (context) => {
    const rounds = await churnInTurns(stock, tuned);
    for (const { failed, counted } of rounds.flat()) {
      expect(failed).toBe(0);
      expect([counted.ListenOverflows, counted.ListenDrops, counted.TCPReqQFullDrop]).toEqual([0, 0, 0]);
    }
    const best = (side: 0 | 1): number => Math.min(...rounds.map((round) => round[side].p50));
    expect(best(1)).toBeLessThan(2 * best(0));
    expect(best(0)).toBeLessThan(2 * best(1));
    const times = (side: 0 | 1): string => rounds.map((round) => `${ms(round[side].p50)} and ${ms(round[side].p99)}`).join(", ");
    const sum = (counter: keyof Counters): number => rounds.flat().reduce((all, { counted }) => all + (counted[counter] ?? Number.NaN), 0);
    evidence(context, {
      claim:
        "Where 50 callers make a new connection for each request, the profile makes no difference above twice, and with either no SYN is dropped",
      measured: `${churned} requests in each of six rounds, p50 and p99 of the whole request: ${times(0)} with the kernel's defaults; ${times(1)} with the profile. None failed; in all rounds together ListenOverflows ${sum("ListenOverflows")}, ListenDrops ${sum("ListenDrops")}, TCPReqQFullDrop ${sum("TCPReqQFullDrop")}`,
      tolerance:
        "no failure, no overflow, no dropped SYN; the lowest of six p50 of each within twice the other's. Rounds of one kind differ too, so less is not judged; what else the machine does would have to fall on all six rounds of one kind, which take turns with the other's",
    });
  });

  test("tcp_tw_reuse keeps an Envoy from running out of ports towards one address", async (context) => {
    const few = { key: portRange, mode: "exact", value: `32768 ${32_767 + fewPorts}` } as const;
    const untouched = await manyConnections(await envoyWith("few-ports-stock", [few]), "/churn");
    const better = await manyConnections(
      await envoyWith("few-ports-tuned", [...own.filter(({ key }) => key !== portRange), few]),
      "/churn",
    );
    const onLoopback = await manyConnections(await envoyWith("few-ports-loopback", [few]), "/loopback");
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

/** Connections to an Envoy that accepts none until all are opened. */
async function stoppedBurst(envoy: TestedEnvoy, port: number, connections: number): Promise<Burst> {
  const { result, counted } = await envoy.counting(() => envoy.burstWhileStopped({ port, connections, patience: 30_000 }, 300));
  expect(result.length).toBe(connections);
  return { counted, late: late(result), failed: failuresOf(result).length, p50: percentile(result, 50), p99: percentile(result, 99) };
}

interface HalfOpen {
  readonly counted: Counters;
  /** Half-open connections that the kernel kept. */
  readonly kept: number;
  readonly refused: number;
}

const noHalfOpen: HalfOpen = { counted: {}, kept: Number.NaN, refused: Number.NaN };

/** Callers beside many connections that stay half open. */
async function halfOpen(envoy: TestedEnvoy): Promise<HalfOpen> {
  const { result, counted } = await envoy.counting(() =>
    envoy.whileHalfOpen(halfOpenConnections, async () => {
      await pause(200);
      const kept = envoy.sockets("syn-recv");
      return { kept, callers: await envoy.burst({ port: ports.http, connections: 100, patience: 2_500 }) };
    }),
  );
  return { counted, kept: result.kept, refused: failuresOf(result.callers).length };
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

/** Six rounds of each of two Envoys. Neither is always the first. */
async function churnInTurns(one: TestedEnvoy, other: TestedEnvoy): Promise<readonly (readonly [Churn, Churn])[]> {
  const rounds: (readonly [Churn, Churn])[] = [];
  while (rounds.length < 6) {
    rounds.push([await churn(one), await churn(other)]);
    const first = await churn(other);
    rounds.push([await churn(one), first]);
  }
  return rounds;
}

/** A new connection from Envoy for each request, at most a thousand in a second: a port can be taken again after one. */
async function manyConnections(envoy: TestedEnvoy, path: string): Promise<Churn & { readonly waiting: number }> {
  const seen = await requests(envoy, { url: envoy.url(path), requests: fewRequests, concurrency: 16, pause: 16 });
  return { ...seen, waiting: envoy.sockets("time-wait") };
}

async function requests(envoy: TestedEnvoy, load: Parameters<TestedEnvoy["client"]["send"]>[0]): Promise<Churn> {
  const { result, counted } = await envoy.counting(() => envoy.client.send(load));
  return { counted, failed: failuresOf(result).length, p50: percentile(result, 50), p99: percentile(result, 99) };
}

function late(attempts: readonly Answer[]): number {
  return attempts.filter(([, connected]) => connected < 0 || connected > 900).length;
}

function saidOf({ counted, late: second, failed, p50, p99 }: Burst): string {
  return `ListenOverflows ${counted.ListenOverflows}, ListenDrops ${counted.ListenDrops}, TCPReqQFullDrop ${counted.TCPReqQFullDrop}, ${second} connections after a second or more, ${failed} failed, connect p50 ${ms(p50)}, p99 ${ms(p99)}`;
}

function saidOfHalfOpen({ counted, kept, refused }: HalfOpen): string {
  return `${kept} kept, ${counted.SyncookiesSent} cookies, ListenDrops ${counted.ListenDrops}, TCPReqQFullDrop ${counted.TCPReqQFullDrop}, ${refused} of 100 callers refused`;
}

function ms(time: number): string {
  return `${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms`;
}
