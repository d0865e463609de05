/**
 * Processor time of synth against stock cdk8s, and against `JSON.stringify` of the same objects, and what memory it takes: `npm run bench`, with
 * `-- --json` for figures only. Processor time, because other work on the machine lengthens what a clock shows.
 */
import { deepStrictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ApiObject, App, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { CanaryService, MeshApp, Release } from "meshground";
import { parseAllDocuments } from "yaml";

interface Figures {
  readonly services: number;
  readonly meshgroundMs: number;
  /** The same files without a check. */
  readonly uncheckedMs: number;
  readonly cdk8sMs: number;
  readonly jsonMs: number;
  /** Most memory that a process of its own had at once. Unit: MiB. */
  readonly residentMiB: number;
  /** What is left of it when the tree is written, and still there. Unit: MiB. */
  readonly heapMiB: number;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    services: { type: "string", default: "100,1000,10000" },
    perChart: { type: "string", default: "0" },
    ours: { type: "boolean", default: false },
    memory: { type: "string" },
  },
});

/** One service as users write it: Deployments of two versions with what keeps them alive, a Service, a DestinationRule, a VirtualService. */
function addService(scope: Construct, i: number): void {
  const name = `service-${i}`;
  new CanaryService(scope, name, {
    port: 8080,
    replicas: 3,
    timeout: "2s",
    retries: { attempts: 3, perTryTimeout: "400ms", on: ["gateway-error", "connect-failure"], methods: ["GET", "HEAD"] },
    circuitBreaker: { maxPendingRequests: 100, eject: { after5xx: 5, for: "30s" } },
    sidecar: { cpu: "100m", memory: "128Mi", cpuLimit: "2", memoryLimit: "1Gi" },
    env: { PORT: "8080" },
    release: Release.pinned({
      stable: { name: "v1", image: `registry.example.no/shop/${name}:1.0.3` },
      canary: { name: "v2", image: `registry.example.no/shop/${name}:2.0.0`, weight: 5 },
    }),
  });
}

/** A fresh tree. All services in one chart: the case that suits stock cdk8s best, since it does part of its work once more for each chart. */
function tree(services: number, outdir: string): MeshApp {
  const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36", outdir });
  const perChart = Number(values.perChart) || services;
  for (let from = 0; from < services; from += perChart) {
    const chart = new Chart(app, `shop-${from}`, { namespace: "shop", labels: { team: "payments" } });
    for (let i = from; i < Math.min(services, from + perChart); i++) addService(chart, i);
  }
  return app;
}

const load = createRequire(import.meta.url);
const { version: cdk8sVersion } = load("cdk8s/package.json") as { readonly version: string };
const { manifestFiles } = load("../../dist/synth/manifest-files.js") as typeof import("../../lib/synth/manifest-files.ts");
const { writeFiles } = load("../../dist/synth/write.js") as typeof import("../../lib/synth/write.ts");

const ways = {
  meshground: (app: MeshApp): unknown => app.synth(),
  unchecked: (app: MeshApp): unknown => writeFiles(app.outdir, manifestFiles(app)),
  // What cdk8s itself makes of the same tree.
  cdk8s: (app: MeshApp): void => App.prototype.synth.call(app),
};

/** Processor time of a function, collecting garbage in other threads included. Unit: milliseconds. */
function processorTime(run: () => unknown): number {
  globalThis.gc?.();
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Milliseconds of one run on a fresh tree into a fresh folder. Building the tree and collecting garbage are not counted. */
function time(way: (app: MeshApp) => unknown, services: number): number {
  const outdir = mkdtempSync(join(tmpdir(), "bench-"));
  const app = tree(services, join(outdir, "manifests"));
  const elapsed = processorTime(() => way(app));
  rmSync(outdir, { recursive: true });
  return elapsed;
}

/** Milliseconds of `JSON.stringify` of the objects, one by one, without files. */
function timeJson(services: number): number {
  const objects = tree(services, "unused")
    .node.findAll()
    .filter((construct) => ApiObject.isApiObject(construct));
  const data: unknown[] = objects.map((object) => object.toJson());
  let size = 0;
  const elapsed = processorTime(() => {
    for (const object of data) size += JSON.stringify(object).length;
  });
  if (size === 0) throw new Error("nothing was rendered");
  return elapsed;
}

/** What a synth takes up, told by a process that does nothing else. */
function memory(services: number): Pick<Figures, "residentMiB" | "heapMiB"> {
  const { stdout } = spawnSync(process.execPath, ["--expose-gc", import.meta.filename, "--memory", String(services)], { encoding: "utf8" });
  return JSON.parse(stdout) as Pick<Figures, "residentMiB" | "heapMiB">;
}

function tellMemory(services: number): void {
  const outdir = join(mkdtempSync(join(tmpdir(), "bench-")), "manifests");
  const app = tree(services, outdir);
  app.synth();
  globalThis.gc?.();
  const figures = { residentMiB: process.resourceUsage().maxRSS / 2 ** 10, heapMiB: process.memoryUsage().heapUsed / 2 ** 20 };
  // The tree is used once more, or it would be garbage by now.
  process.stdout.write(JSON.stringify({ ...figures, objects: app.charts.length }));
  rmSync(dirname(outdir), { recursive: true });
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Alternates them, so that a machine that slows down slows all of them. */
function measure(services: number): Figures {
  const rounds = services >= 10_000 ? 3 : services >= 1000 ? 9 : 21;
  const runs = Array.from({ length: rounds }, () => ({
    meshground: time(ways.meshground, services),
    unchecked: time(ways.unchecked, services),
    cdk8s: values.ours ? Number.NaN : time(ways.cdk8s, services),
    json: timeJson(services),
  }));
  return {
    services,
    meshgroundMs: median(runs.map(({ meshground }) => meshground)),
    uncheckedMs: median(runs.map(({ unchecked }) => unchecked)),
    cdk8sMs: median(runs.map(({ cdk8s }) => cdk8s)),
    jsonMs: median(runs.map(({ json }) => json)),
    ...memory(services),
  };
}

/** The data of every file, as cdk8s's YAML library reads it. */
function read(outdir: string): unknown {
  return readdirSync(outdir)
    .sort()
    .map((file) => [
      file,
      parseAllDocuments(readFileSync(join(outdir, file), "utf8"), { version: "1.1" }).map((document) => document.toJS()),
    ]);
}

/** A faster synth that writes something else would be worth nothing. */
function verify(services: number): void {
  const [ours, unchecked, stock] = Object.values(ways).map((way) => {
    const outdir = mkdtempSync(join(tmpdir(), "bench-"));
    way(tree(services, outdir));
    const data = read(outdir);
    rmSync(outdir, { recursive: true });
    return data;
  });
  deepStrictEqual(ours, stock);
  deepStrictEqual(unchecked, stock);
}

/** As the README has it. */
function table(figures: readonly Figures[]): string {
  const rows = figures.map(({ services, meshgroundMs, uncheckedMs, cdk8sMs, jsonMs, residentMiB, heapMiB }) => [
    services.toLocaleString("en"),
    `${(cdk8sMs / meshgroundMs).toFixed(1)} times faster`,
    `${(cdk8sMs / uncheckedMs).toFixed(1)} times faster`,
    `${(uncheckedMs / jsonMs).toFixed(1)} times`,
    `${(meshgroundMs / services).toFixed(2)} ms`,
    `${residentMiB.toFixed(0)} MiB`,
    `${heapMiB.toFixed(0)} MiB`,
  ]);
  const head = [
    "services",
    "checked",
    "unchecked",
    "unchecked, of `JSON.stringify`",
    "checked, a service",
    "most memory",
    "heap afterwards",
  ];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  return [...lines, "", `Synth against cdk8s ${cdk8sVersion}: processor time, medians; ${machine}`].join("\n");
}

if (values.memory !== undefined) {
  tellMemory(Number(values.memory));
  process.exit();
}
verify(100);
time(ways.meshground, 100);
time(ways.cdk8s, 100);
time(ways.unchecked, 100);
const figures = values.services.split(",").map((services) => measure(Number(services)));
process.stdout.write(`${values.json ? JSON.stringify({ synth: figures }) : table(figures)}\n`);
