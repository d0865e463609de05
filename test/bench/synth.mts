/** Times synth against stock cdk8s, and against `JSON.stringify` of the same objects: `npm run bench`, with `-- --json` for figures only. */
import { deepStrictEqual } from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ApiObject, App, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { CanaryService, MeshApp, Release } from "meshground";
import { parseAllDocuments } from "yaml";

interface Figures {
  readonly services: number;
  readonly meshgroundMs: number;
  readonly cdk8sMs: number;
  readonly jsonMs: number;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    services: { type: "string", default: "100,1000,10000" },
    perChart: { type: "string", default: "0" },
    ours: { type: "boolean", default: false },
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

const ways = {
  meshground: (app: MeshApp): unknown => app.synth(),
  // What cdk8s itself makes of the same tree.
  cdk8s: (app: MeshApp): void => App.prototype.synth.call(app),
};

/** Milliseconds of one run on a fresh tree into a fresh folder. Building the tree and collecting garbage are not counted. */
function time(way: (app: MeshApp) => unknown, services: number): number {
  const outdir = mkdtempSync(join(tmpdir(), "bench-"));
  const app = tree(services, join(outdir, "manifests"));
  globalThis.gc?.();
  const start = performance.now();
  way(app);
  const elapsed = performance.now() - start;
  rmSync(outdir, { recursive: true });
  return elapsed;
}

/** Milliseconds of `JSON.stringify` of the objects, one by one, without files. */
function timeJson(services: number): number {
  const objects = tree(services, "unused")
    .node.findAll()
    .filter((construct) => ApiObject.isApiObject(construct));
  const data: unknown[] = objects.map((object) => object.toJson());
  globalThis.gc?.();
  const start = performance.now();
  let size = 0;
  for (const object of data) size += JSON.stringify(object).length;
  const elapsed = performance.now() - start;
  if (size === 0) throw new Error("nothing was rendered");
  return elapsed;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Alternates the three, so that a machine that slows down slows all of them. */
function measure(services: number): Figures {
  const rounds = services >= 10_000 ? 5 : services >= 1000 ? 9 : 21;
  const runs = Array.from({ length: rounds }, () => ({
    meshground: time(ways.meshground, services),
    cdk8s: values.ours ? Number.NaN : time(ways.cdk8s, services),
    json: timeJson(services),
  }));
  return {
    services,
    meshgroundMs: median(runs.map(({ meshground }) => meshground)),
    cdk8sMs: median(runs.map(({ cdk8s }) => cdk8s)),
    jsonMs: median(runs.map(({ json }) => json)),
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
  const [ours, stock] = Object.values(ways).map((way) => {
    const outdir = mkdtempSync(join(tmpdir(), "bench-"));
    way(tree(services, outdir));
    const data = read(outdir);
    rmSync(outdir, { recursive: true });
    return data;
  });
  deepStrictEqual(ours, stock);
}

function table(figures: readonly Figures[]): string {
  const rows = figures.map(({ services, meshgroundMs, cdk8sMs, jsonMs }) =>
    [
      String(services),
      meshgroundMs.toFixed(1),
      cdk8sMs.toFixed(1),
      jsonMs.toFixed(1),
      `${(cdk8sMs / meshgroundMs).toFixed(1)}x`,
      `${(meshgroundMs / jsonMs).toFixed(2)}x`,
      (meshgroundMs / services).toFixed(3),
    ].map((cell) => cell.padStart(14)),
  );
  const head = ["services", "meshground ms", "cdk8s ms", "JSON ms", "faster", "of JSON", "ms a service"].map((cell) => cell.padStart(14));
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${memory}, Node ${process.version}, medians`;
  return [head.join(""), ...rows.map((row) => row.join("")), machine].join("\n");
}

verify(100);
time(ways.meshground, 100);
time(ways.cdk8s, 100);
const figures = values.services.split(",").map((services) => measure(Number(services)));
process.stdout.write(`${values.json ? JSON.stringify({ synth: figures }) : table(figures)}\n`);
