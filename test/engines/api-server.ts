import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "../support/temporary";
import { type Engine, engines, tryProgram } from "./engines.mts";
import type { Outcome } from "./program";
import { runEngine } from "./program";

/** A kube-apiserver with its etcd, on loopback, with everything it writes in a folder of its own. */
export interface ApiServer {
  /** Runs kubectl against it. */
  kubectl(...args: readonly string[]): Outcome;
  /** Ends both processes, by their own ids. */
  stop(): Promise<void>;
}

/** Starts an API server; it answers when this returns. */
export async function startApiServer(): Promise<ApiServer> {
  const home = temporaryFolder("api-server");
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  makeCertificates(home);
  const processes = [start(engines.etcd, etcdArguments(home, client, peer), home)];
  try {
    await answers(`http://127.0.0.1:${client}/health`, home);
    processes.push(start(engines.kubeApiserver, apiServerArguments(home, client, secure), home));
    writeKubeconfig(home, secure);
    const kubectl = (...args: readonly string[]): Outcome =>
      runEngine(engines.kubectl, [`--kubeconfig=${home}/kubeconfig`, ...args], { home });
    await until(
      () => kubectl("get", "--raw", "/readyz").stdout === "ok",
      `the API server is not ready:\n${lastLines(home, engines.kubeApiserver)}`,
    );
    return { kubectl, stop: () => end(processes) };
  } catch (error) {
    await end(processes);
    throw error;
  }
}

const processesLeft = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of processesLeft) child.kill("SIGKILL");
});

function start(engine: Engine, args: readonly string[], home: string): ChildProcess {
  const program = tryProgram(engine);
  if (program === undefined) throw new Error(`${engine.name} is not in the cache: npm run engines`);
  const log = openSync(join(home, `${engine.name}.log`), "a");
  const child = spawn(program, args, { cwd: home, stdio: ["ignore", log, log] });
  processesLeft.add(child);
  child.once("exit", () => processesLeft.delete(child));
  return child;
}

async function end(processes: readonly ChildProcess[]): Promise<void> {
  for (const child of [...processes].reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }
}

function etcdArguments(home: string, client: number, peer: number): readonly string[] {
  const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  return [
    "--name=test",
    `--data-dir=${home}/etcd`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=test=${peerUrl}`,
    "--unsafe-no-fsync",
  ];
}

function apiServerArguments(home: string, client: number, secure: number): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${client}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${secure}`,
    `--cert-dir=${home}/cert`,
    `--client-ca-file=${home}/ca.crt`,
    `--service-account-key-file=${home}/sa.key`,
    `--service-account-signing-key-file=${home}/sa.key`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--authorization-mode=RBAC",
    "--endpoint-reconciler-type=none",
    "--disable-admission-plugins=ServiceAccount",
  ];
}

function makeCertificates(home: string): void {
  const openssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { cwd: home, stdio: "ignore" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test-ca");
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "admin.key", "-out", "admin.csr", "-subj", "/O=system:masters/CN=admin");
  openssl("x509", "-req", "-in", "admin.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "admin.crt", "-days", "2");
  openssl("genrsa", "-out", "sa.key", "2048");
}

function writeKubeconfig(home: string, secure: number): void {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: `https://127.0.0.1:${secure}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user: { "client-certificate": `${home}/admin.crt`, "client-key": `${home}/admin.key` } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  };
  writeFileSync(join(home, "kubeconfig"), JSON.stringify(config));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

async function answers(url: string, home: string): Promise<void> {
  const ask = async (): Promise<boolean> => (await fetch(url).catch(() => undefined))?.ok ?? false;
  await until(ask, `etcd does not answer:\n${lastLines(home, engines.etcd)}`);
}

async function until(holds: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(otherwise);
}

function lastLines(home: string, { name }: Engine): string {
  try {
    return readFileSync(join(home, `${name}.log`), "utf8")
      .split("\n")
      .slice(-20)
      .join("\n");
  } catch {
    return "no log";
  }
}
