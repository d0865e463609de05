import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "../support/temporary";
import { type Engine, engines, tryProgram } from "./engines.mts";
import { endPrograms, isRunning, lastLines, startProgram, until } from "./processes";
import { type Outcome, runEngine } from "./program";

/** A kube-apiserver with its etcd, on loopback, with everything it writes in a folder of its own. */
export interface ApiServer {
  /** Folder with its certificates and its `kubeconfig`. */
  readonly home: string;
  /** Runs kubectl against it. */
  kubectl(...args: readonly string[]): Outcome;
  /** Runs kubectl, with objects on its standard input; throws what it says when it fails. */
  kubectlWith(input: unknown, ...args: readonly string[]): string;
  /** Ends both processes, by their own ids. */
  stop(): Promise<void>;
}

/** Starts an API server; it answers when this returns. `inside` is a command that runs another one, in a network of its own for example. */
export async function startApiServer(inside: readonly string[] = []): Promise<ApiServer> {
  const home = temporaryFolder("api-server");
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  makeCertificates(home);
  writeKubeconfig(home, secure);
  const start = (engine: Engine, args: readonly string[]): ReturnType<typeof startProgram> =>
    startProgram(engine.name, [...inside, programOf(engine), ...args], { cwd: home });
  const etcd = start(engines.etcd, etcdArguments(home, client, peer));
  const apiServer = start(engines.kubeApiserver, apiServerArguments(home, client, secure));
  const stop = (): Promise<void> => endPrograms([etcd, apiServer]);
  const run = (args: readonly string[], input?: string): Outcome =>
    runEngine(engines.kubectl, [`--kubeconfig=${home}/kubeconfig`, ...args], { home, inside, ...(input !== undefined && { input }) });
  try {
    await until(
      () => {
        const ended = [etcd, apiServer].filter((program) => !isRunning(program));
        if (ended.length > 0) throw new Error(ended.map((program) => `${program.name} has ended:\n${lastLines(program)}`).join("\n"));
        return run(["get", "--raw", "/readyz"]).stdout === "ok";
      },
      () => `the API server is not ready:\n${lastLines(apiServer)}\n${lastLines(etcd)}`,
      { within: 120_000 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const kubectl = (...args: readonly string[]): Outcome => run(args);
  const kubectlWith = (input: unknown, ...args: readonly string[]): string => {
    const { status, stdout, stderr } = run(args, typeof input === "string" ? input : JSON.stringify(input));
    if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  return { home, kubectl, kubectlWith, stop };
}

const taken = new Set<number>();

/**
 * A port on loopback that nobody has now. It lies below those that the kernel gives to outgoing connections (32768 and up), or one of them could
 * take it before the program that it is for does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 30_000);
    if (taken.has(port) || !(await canListen(port))) continue;
    taken.add(port);
    return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** The program of an engine; throws when it was not built here. */
export function programOf(engine: Engine): string {
  const program = tryProgram(engine);
  if (program === undefined) throw new Error(`${engine.name} is not in the cache: npm run engines`);
  return program;
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
  const issuer = "https://kubernetes.default.svc";
  return [
    `--etcd-servers=http://127.0.0.1:${client}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${secure}`,
    `--cert-dir=${home}/cert`,
    `--client-ca-file=${home}/ca.crt`,
    `--service-account-key-file=${home}/sa.key`,
    `--service-account-signing-key-file=${home}/sa.key`,
    `--service-account-issuer=${issuer}`,
    `--api-audiences=${issuer},istio-ca`,
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
