import { spawnSync } from "node:child_process";
import { temporaryFolder } from "../../support/temporary";
import { freePort, programOf } from "../api-server";
import { engines } from "../engines.mts";
import { said } from "../mesh/in-namespace";
import type { Pod } from "../mesh/pod";
import { endPrograms, lastLines, startProgram, until } from "../processes";

/** What one Envoy holds. */
export interface EnvoySize {
  /** Characters of everything it was configured with, endpoints among it, as its `config_dump` says in JSON without blanks. */
  readonly configuration: number;
  /** What came over the connection to istiod since the start. Unit: bytes. */
  readonly received: number;
  readonly clusters: number;
  readonly routes: number;
  readonly endpoints: number;
  /** Hosts that it has a cluster for, sorted. */
  readonly hosts: readonly string[];
  readonly memory: EnvoyMemory;
  /** From the start of the agent until Envoy serves. */
  readonly secondsToReady: number;
}

/** Memory of one Envoy, in bytes. */
export interface EnvoyMemory {
  /** What it has allocated and not given back, by its own account. */
  readonly allocated: number;
  /** What the kernel has given it that is not a file's. */
  readonly resident: number;
}

/** What an Envoy's administration dumps, as far as it is read. */
interface Dump {
  readonly configs: readonly {
    readonly dynamic_active_clusters?: readonly { readonly cluster: { readonly name: string } }[];
    readonly dynamic_route_configs?: readonly { readonly route_config: RouteConfiguration }[];
    readonly dynamic_endpoint_configs?: readonly { readonly endpoint_config: ClusterLoadAssignment }[];
  }[];
}

interface RouteConfiguration {
  readonly virtual_hosts?: readonly { readonly routes?: readonly unknown[] }[];
}

interface ClusterLoadAssignment {
  readonly endpoints?: readonly { readonly lb_endpoints?: readonly unknown[] }[];
}

/** Measures the sidecar of a pod. */
export function sizeOf(pod: Pod): EnvoySize {
  // Before the dump, for which Envoy takes memory of its own.
  const memory = { allocated: allocatedIn(pod.envoy("memory")), resident: residentIn(pod) };
  const dump = JSON.parse(pod.envoy("config_dump?include_eds")) as Dump;
  const parts = dump.configs;
  const clusters = parts.flatMap(({ dynamic_active_clusters = [] }) => dynamic_active_clusters.map(({ cluster }) => cluster.name));
  const routes = parts.flatMap(({ dynamic_route_configs = [] }) => dynamic_route_configs.map(({ route_config }) => route_config));
  const endpoints = parts.flatMap(({ dynamic_endpoint_configs = [] }) => dynamic_endpoint_configs.map((one) => one.endpoint_config));
  return {
    configuration: JSON.stringify(dump).length,
    received: pod.stat(/^cluster\.xds-grpc;?\.upstream_cx_rx_bytes_total:/),
    clusters: clusters.length,
    routes: routes.flatMap(({ virtual_hosts = [] }) => virtual_hosts.flatMap((host) => host.routes ?? [])).length,
    endpoints: endpoints.flatMap((one) => (one.endpoints ?? []).flatMap(({ lb_endpoints = [] }) => lb_endpoints)).length,
    hosts: [...new Set(clusters.filter((name) => name.startsWith("outbound|")).map((name) => name.split("|")[3] ?? ""))].sort(),
    memory,
    secondsToReady: secondsToReady(pod),
  };
}

/** Memory of an Envoy that was told nothing, with one thread as the sidecars of the tests. */
export async function emptyEnvoy(): Promise<EnvoyMemory> {
  const folder = temporaryFolder("empty-envoy");
  const port = await freePort();
  const config = { admin: { address: { socket_address: { address: "127.0.0.1", port_value: port } } } };
  const args = ["--concurrency", "1", "--use-dynamic-base-id", "--config-yaml", JSON.stringify(config)];
  const envoy = startProgram("envoy", [programOf(engines.envoy), ...args], { cwd: folder });
  const ask = async (path: string): Promise<string> =>
    await fetch(`http://127.0.0.1:${port}/${path}`).then(
      (answer) => answer.text(),
      () => "",
    );
  try {
    await until(
      async () => (await ask("ready")).startsWith("LIVE"),
      () => `Envoy is not ready:\n${lastLines(envoy)}`,
    );
    const { stdout } = spawnSync("cat", [`/proc/${envoy.child.pid}/status`], { encoding: "utf8" });
    return { allocated: allocatedIn(await ask("memory")), resident: anonymousIn(stdout) };
  } finally {
    await endPrograms([envoy]);
  }
}

function allocatedIn(memory: string): number {
  return Number((JSON.parse(memory) as { allocated: string }).allocated);
}

function residentIn({ namespace }: Pod): number {
  const statusOfEnvoy = 'for one in /proc/[0-9]*; do if test "$(cat $one/comm)" = envoy; then cat $one/status; fi; done';
  return anonymousIn(said(namespace, ["sh", "-c", statusOfEnvoy]));
}

function anonymousIn(status: string): number {
  const kibibytes = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`no memory in ${status}`);
  return Number(kibibytes) * 1_024;
}

/** From the start of a pod's agent until its Envoy serves, by the agent's own log. */
export function secondsToReady({ namespace }: Pod): number {
  const log = said(namespace, ["cat", "proxy.log"]);
  const at = (line: RegExp): number => Date.parse(line.exec(log)?.[1] ?? "");
  return (at(/^(\S+)\t.*Envoy proxy is ready/m) - at(/^(\S+)\t/m)) / 1_000;
}
