import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildCommand } from "../cli/built";
import { temporaryFolder } from "../support/temporary";
import { evidence } from "./evidence";
import { until } from "./processes";
import { type Prometheus, prometheusIsMissing, startPrometheus } from "./prometheus";

/** A way in which requests come to a port: so many a second. */
interface Calls {
  readonly namespace: string;
  readonly workload: string;
  readonly port: number;
  readonly policy: "mutual_tls" | "none";
  readonly perSecond: number;
}

const calls = (namespace: string, port: number, policy: Calls["policy"], perSecond: number): Calls => ({
  namespace,
  workload: "pricing-v1",
  port,
  policy,
  perSecond,
});

/** Namespaces that differ in who calls: the cases of the command. */
const traffic: readonly Calls[] = [
  calls("all-mtls", 8080, "mutual_tls", 50),
  calls("undeclared", 8080, "mutual_tls", 50),
  calls("undeclared", 8080, "none", 1),
  calls("declared", 8080, "mutual_tls", 50),
  calls("declared", 9090, "none", 2),
  calls("quiet", 8080, "mutual_tls", 0.2),
];

/** A double of sidecars: it exports Istio's metrics as they do, and no request is sent. Envoy as published has none of them. */
function startSidecarDouble(): Promise<Server> {
  const begun = Date.now();
  const server = createServer((_, response) => {
    const seconds = (Date.now() - begun) / 1000;
    const lines = traffic.map(({ namespace, workload, port, policy, perSecond }) => {
      const where = `destination_workload_namespace="${namespace}",destination_workload="${workload}",destination_port="${port}"`;
      return `istio_requests_total{reporter="destination",${where},connection_security_policy="${policy}"} ${Math.floor(seconds * perSecond)}`;
    });
    response.end(`# TYPE istio_requests_total counter\n${lines.join("\n")}\n`);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

interface Answer {
  readonly code: number | null;
  readonly report: {
    readonly safe: boolean;
    readonly namespaces: readonly { readonly verdict: string; readonly why: readonly string[] }[];
  };
}

/** The window that the command looks at. */
const over = "12s";

describe.skipIf(prometheusIsMissing())("meshground mtls status, asking a real Prometheus that scrapes a double of sidecars", () => {
  const folder = temporaryFolder("mtls-status");
  const place = join(__dirname, "../../build", `mtls-status-${process.pid}`);
  let main: string;
  const expectation = join(folder, "mtls.json");
  let sidecars: Server | undefined;
  let prometheus: Prometheus;
  beforeAll(async () => {
    main = buildCommand(place).main;
    const namespaces = [...new Set(traffic.map(({ namespace }) => namespace))].map((name) => ({
      name,
      stage: "permissive",
      services: [{ name: "pricing", workloads: ["pricing-v1"], ports: [8080] }],
      plaintext: [{ workloads: ["pricing-v1"], port: 9090, from: ["10.0.5.0/24"], reason: "the old monitor" }],
    }));
    writeFileSync(expectation, JSON.stringify({ namespaces }));
    sidecars = await startSidecarDouble();
    const targets = [`127.0.0.1:${(sidecars.address() as AddressInfo).port}`];
    const config = { global: { scrape_interval: "1s" }, scrape_configs: [{ job_name: "sidecars", static_configs: [{ targets }] }] };
    prometheus = await startPrometheus({ config });
    await until(
      () => prometheus.query(`count(istio_requests_total offset ${over})`).length > 0,
      () => "nothing is scraped",
      { every: 500 },
    );
  });
  afterAll(async () => {
    await prometheus?.stop();
    sidecars?.close();
    rmSync(place, { recursive: true, force: true });
  });

  async function status(namespace: string, ...more: readonly string[]): Promise<Answer> {
    const known = ["--prometheus", prometheus.url, "--over", over, "--expect", expectation, "--namespace", namespace, "--json"];
    const child = spawn(process.execPath, [main, "mtls", "status", ...known, ...more], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, report: JSON.parse(said) };
  }

  test("gives the right answer in the five cases", async (context) => {
    const answers = {
      "all mTLS": await status("all-mtls"),
      "undeclared plaintext": await status("undeclared"),
      "declared outsider only": await status("declared"),
      "too little traffic": await status("quiet"),
      "watched for less than the window": await status("all-mtls", "--over", "1h"),
      "no metric of the namespace": await status("elsewhere"),
    };
    await prometheus.stop();
    const all = { ...answers, "Prometheus unreachable": await status("all-mtls") };
    const seen = Object.fromEntries(
      Object.entries(all).map(([name, { code, report }]) => [name, `${report.namespaces[0]?.verdict}, exit code ${code}`]),
    );
    expect(seen).toEqual({
      "all mTLS": "safe, exit code 0",
      "undeclared plaintext": "plaintext, exit code 1",
      "declared outsider only": "safe-with-declared, exit code 0",
      "too little traffic": "too-little, exit code 3",
      "watched for less than the window": "too-little, exit code 3",
      "no metric of the namespace": "too-little, exit code 3",
      "Prometheus unreachable": "unreachable, exit code 3",
    });
    evidence(context, {
      claim:
        "`meshground mtls status` says whether STRICT is safe, and never takes no data for safe. A real Prometheus scrapes a double that exports Istio's metrics.",
      measured: Object.entries(seen)
        .map(([name, verdict]) => `${name}: ${verdict}`)
        .join("; "),
    });
  });
});
