/** Processor time of `meshground check` against `istioctl analyze` on the same files: `npm run bench:check`, with `-- --json` for figures only. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { engines, tryProgram } from "../engines/engines.mts";

interface Figures {
  readonly services: number;
  readonly objects: number;
  readonly megabytes: number;
  readonly meshgroundCpuMs: number;
  readonly meshgroundMs: number;
  /** Undefined where istioctl is not in the cache of engines. */
  readonly istioctlCpuMs?: number;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    services: { type: "string", default: "1000,10000" },
    rounds: { type: "string", default: "3" },
    ours: { type: "boolean", default: false },
  },
});

const main = join(import.meta.dirname, "../../dist/cli/main.js");
const istioctl = values.ours ? undefined : tryProgram(engines.istioctl);
const home = mkdtempSync(join(tmpdir(), "bench-check-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

function deployment(service: string, version: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${service}-${version}
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: ${service}
      version: ${version}
  template:
    metadata:
      labels:
        app: ${service}
        version: ${version}
    spec:
      containers:
        - name: app
          image: registry.example.no/${service}:1.0.0
          ports:
            - containerPort: 8080
              name: http
`;
}

function routing(service: string, gateways: string): readonly string[] {
  return [
    `apiVersion: v1
kind: Service
metadata:
  name: ${service}
  namespace: shop
spec:
  ports:
    - name: http
      port: 8080
  selector:
    app: ${service}
`,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${service}
  namespace: shop
spec:
  hosts:
    - ${service}
${gateways}  http:
    - route:
        - destination:
            host: ${service}
            subset: v1
          weight: 95
        - destination:
            host: ${service}
            subset: v2
          weight: 5
`,
    `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ${service}
  namespace: shop
spec:
  host: ${service}
  subsets:
    - name: v1
      labels:
        version: v1
    - name: v2
      labels:
        version: v2
`,
  ];
}

/** Services of two versions as people write them. The last one names a gateway that is not there: who finds nothing has not looked. */
function system(services: number): readonly string[] {
  return Array.from({ length: services }, (_, index) => {
    const name = `service-${index}`;
    return [deployment(name, "v1"), deployment(name, "v2"), ...routing(name, index === services - 1 ? "  gateways:\n    - nowhere\n" : "")];
  }).flat();
}

interface Run {
  readonly cpuMs: number;
  readonly ms: number;
  readonly output: string;
}

/** Runs a program to its end and asks the shell what it took: `times` tells what the shell itself and its children took. */
function time(program: string, args: readonly string[]): Run {
  const start = performance.now();
  const env = { ...process.env, HOME: home, KUBECONFIG: join(home, "none") };
  const script = '"$@" > "$OUTPUT" 2>&1; times';
  const output = join(home, "output");
  const { stdout } = spawnSync("sh", ["-c", script, "sh", program, ...args], { encoding: "utf8", env: { ...env, OUTPUT: output } });
  const ms = performance.now() - start;
  const [user = 0, system = 0] = [...(stdout.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds),
  );
  return { cpuMs: 1000 * (user + system), ms, output: spawnSync("cat", [output], { encoding: "utf8", maxBuffer: 2 ** 28 }).stdout };
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Alternates the two, so that a machine that slows down slows both. */
function measure(services: number): Figures {
  const file = join(home, `system-${services}.yaml`);
  const objects = system(services);
  writeFileSync(file, objects.join("---\n"));
  const runs = Array.from({ length: Number(values.rounds) }, () => ({
    ours: time(process.execPath, [main, "check", "--format", "json", file]),
    theirs: istioctl === undefined ? undefined : time(istioctl, ["analyze", "--use-kube=false", "--all-namespaces", file]),
  }));
  for (const { ours, theirs } of runs) {
    for (const run of theirs === undefined ? [ours] : [ours, theirs]) {
      if (!run.output.includes("IST0101")) throw new Error(`the gateway that is not there was not found:\n${run.output.slice(0, 2000)}`);
    }
  }
  return {
    services,
    objects: objects.length,
    megabytes: statSync(file).size / 1e6,
    meshgroundCpuMs: median(runs.map(({ ours }) => ours.cpuMs)),
    meshgroundMs: median(runs.map(({ ours }) => ours.ms)),
    ...(istioctl !== undefined && { istioctlCpuMs: median(runs.map(({ theirs }) => theirs?.cpuMs ?? Number.NaN)) }),
  };
}

function table(all: readonly Figures[]): string {
  const head = ["services", "objects", "MB", "meshground s", "CPU s", "CPU ms/service", "istioctl CPU s", "of istioctl"];
  const rows = all.map(({ services, objects, megabytes, meshgroundCpuMs, meshgroundMs, istioctlCpuMs }) => [
    String(services),
    String(objects),
    megabytes.toFixed(1),
    (meshgroundMs / 1000).toFixed(2),
    (meshgroundCpuMs / 1000).toFixed(2),
    (meshgroundCpuMs / services).toFixed(3),
    istioctlCpuMs === undefined ? "not there" : (istioctlCpuMs / 1000).toFixed(2),
    istioctlCpuMs === undefined ? "" : `1/${(istioctlCpuMs / meshgroundCpuMs).toFixed(1)}`,
  ]);
  const [first, last] = [all[0], all.at(-1)];
  const growth = first === undefined || last === undefined ? Number.NaN : last.meshgroundCpuMs / first.meshgroundCpuMs;
  const linear = `${((last?.services ?? 0) / (first?.services ?? 1)).toFixed(0)} times the services took ${growth.toFixed(1)} times the processor time`;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${memory}, Node ${process.version}, medians of whole processes`;
  return [...[head, ...rows].map((row) => row.map((cell) => cell.padStart(16)).join("")), linear, machine].join("\n");
}

const figures = values.services.split(",").map((services) => measure(Number(services)));
process.stdout.write(`${values.json ? JSON.stringify({ check: figures }) : table(figures)}\n`);
