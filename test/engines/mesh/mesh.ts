import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IstioControlPlane, MeshApp } from "meshground";
import { findManifest, type Manifest } from "../../support/examples";
import { temporaryFolder } from "../../support/temporary";
import { type ApiServer, startApiServer } from "../api-server";
import { engines } from "../engines.mts";
import { type Istiod, startIstiod } from "../istiod";
import { until } from "../processes";
import { isMissing } from "../program";
import { endpointSlice, type PodState } from "./endpoint-slice";
import { type KubernetesApi, openKubernetesApi } from "./kubernetes-api";
import { Machine } from "./machine";
import { installCrds, objectsOf } from "./mesh-objects";
import { controlAddress, type Namespace, type Network, startNetwork } from "./network";
import { Pod } from "./pod";
import type { PodObject } from "./pod-object";

/** Programs of Debian's that pods are made with. */
const programs = ["go", "ip", "iptables", "nsenter", "openssl", "setpriv", "ss", "unshare"];

/** Says aloud, once, that the tests of a file are skipped because no mesh can be made here. */
export function meshIsMissing(): boolean {
  const { etcd, kubectl, kubeApiserver, istioctl, istiod, pilotAgent, envoy } = engines;
  const missing = [etcd, kubectl, kubeApiserver, istioctl, istiod, pilotAgent, envoy].map(isMissing).includes(true);
  const absent = programs.filter((name) => spawnSync("which", [name]).status !== 0);
  const why = [
    ...(process.getuid?.() === 0 ? [] : ["only root can make namespaces for pods"]),
    ...(absent.length === 0 ? [] : [`not installed: ${absent.join(", ")}`]),
  ];
  for (const reason of why) process.stderr.write(`SKIPPED: ${reason}\n`);
  return missing || why.length > 0;
}

/** What a pod is started with. */
interface PodOptions {
  /** Ports on which the application listens beside those of its container. @default none */
  readonly ports?: readonly number[];
  /** How long after its start the application listens. Unit: milliseconds. @default 0 */
  readonly listensAfter?: number;
  /** Annotations of the pods beside those of the Deployment. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What a Deployment's pods are started with. */
export interface DeploymentOptions extends PodOptions {
  /** @default 1 */
  readonly replicas?: number;
}

/** What a pod is made from, as a ReplicaSet has it. */
export interface PodTemplate {
  readonly metadata: Manifest["metadata"] & { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodObject["spec"];
}

/**
 * A mesh: an API server, an istiod, and pods with real Envoys in a network of their own.
 *
 * Deployments, kubelets and EndpointSlices are done by hand; webhooks, certificates, redirection and configuration are Istio's own.
 */
export class Mesh {
  /** Starts the control plane that a tree describes, and applies the tree, after files with the CRDs that it needs beside Istio's. */
  static async start(app: MeshApp, controlPlane: IstioControlPlane, crds: readonly string[] = []): Promise<Mesh> {
    const folder = temporaryFolder("mesh");
    const hosts = join(folder, "hosts");
    writeFileSync(hosts, "127.0.0.1 localhost\n");
    const network = await startNetwork(hosts, folder);
    const inside = network.control.inside();
    const parts: { stop(): Promise<void> }[] = [{ stop: () => network.end() }];
    try {
      const server = await startApiServer(inside);
      parts.push(server);
      await installCrds(server, crds);
      const istiod = await startIstiod(server, { operator: controlPlane.istioOperator(), inside, address: controlAddress });
      parts.push(istiod);
      const api = await openKubernetesApi(server, inside);
      parts.push(api);
      const mesh = new Mesh({ folder, hosts, network, server, istiod, api, parts });
      mesh.#prepare();
      await mesh.apply(app);
      return mesh;
    } catch (error) {
      for (const part of parts.reverse()) await part.stop();
      throw error;
    }
  }

  readonly server: ApiServer;
  readonly istiod: Istiod;
  readonly api: KubernetesApi;
  readonly #parts: { stop(): Promise<void> }[];
  readonly #folder: string;
  readonly #hosts: string;
  readonly #network: Network;
  readonly #pods = new Map<Pod, PodState>();
  readonly #names: Map<string, string> = new Map([["istiod.istio-system.svc", controlAddress]]);
  /** How many pods of a Deployment have been started. */
  readonly #started: Map<string, number> = new Map();
  #objects: readonly Manifest[] = [];
  #addresses = 10;
  #published: Promise<void> = Promise.resolve();
  #onPods: (pods: readonly Pod[]) => void = () => {};

  private constructor(props: MeshParts) {
    this.server = props.server;
    this.istiod = props.istiod;
    this.api = props.api;
    this.#parts = props.parts;
    this.#folder = props.folder;
    this.#hosts = props.hosts;
    this.#network = props.network;
  }

  /** Applies what a tree renders, as a user does. */
  async apply(app: MeshApp): Promise<void> {
    const objects = objectsOf(app);
    const namespaces = objects.filter(({ kind }) => kind === "Namespace");
    for (const items of [namespaces, objects.filter((object) => !namespaces.includes(object))]) this.applyObjects(items);
    this.#objects = [...this.istiod.generated, ...objects];
    await this.#publish();
  }

  /**
   * Applies the objects of a tree that are others than at the last time, as a tool does that compares first: what a controller moves stays as it is.
   * What is left out is not there yet.
   */
  async applyChanges(app: MeshApp, isLeftOut: (object: Manifest) => boolean = () => false): Promise<void> {
    const objects = objectsOf(app).filter((object) => !isLeftOut(object));
    const known = new Set(this.#objects.map((object) => JSON.stringify(object)));
    this.applyObjects(objects.filter((object) => !known.has(JSON.stringify(object))));
    this.#objects = [...this.istiod.generated, ...objects];
    await this.#publish();
  }

  /** Applies objects that no tree renders. */
  applyObjects(items: readonly unknown[]): void {
    const list = { apiVersion: "v1", kind: "List", items };
    if (items.length > 0) this.server.kubectlWith(list, "apply", "--server-side", "--force-conflicts", "--validate=strict", "--filename=-");
  }

  /** Starts pods of a Deployment, all at once. They are ready when this returns; a caller's Envoy may hear of them a little later. */
  async run(deployment: string, { replicas = 1, ...options }: DeploymentOptions = {}): Promise<readonly Pod[]> {
    const { metadata, spec } = findManifest(this.#objects, "Deployment", deployment);
    const template = spec?.template as PodTemplate;
    const first = this.#started.get(deployment) ?? 0;
    this.#started.set(deployment, first + replicas);
    const namespace = metadata.namespace ?? "default";
    return await Promise.all(
      Array.from({ length: replicas }, (_, index) =>
        this.runTemplate({ name: `${deployment}-${first + index}`, namespace, template }, options),
      ),
    );
  }

  /** Starts a pod of a template. It is ready when this returns; a caller's Envoy may hear of it a little later. */
  async runTemplate({ name, namespace, template }: NamedTemplate, options: PodOptions = {}): Promise<Pod> {
    const annotations = { ...template.metadata.annotations, ...options.annotations };
    const metadata = { ...template.metadata, annotations, name, namespace };
    const pod = await this.#startPod({ apiVersion: "v1", kind: "Pod", metadata, spec: template.spec }, options);
    await this.#publish();
    return pod;
  }

  /** Starts one pod of a Deployment. */
  async runOne(deployment: string, options: Omit<DeploymentOptions, "replicas"> = {}): Promise<Pod> {
    const [pod] = await this.run(deployment, options);
    if (pod === undefined) throw new Error(`no pod of ${deployment}`);
    return pod;
  }

  /** Waits until a pod's Envoy knows that other pods are there, and takes them for healthy. */
  async untilKnown(caller: Pod, pods: readonly Pod[] = [...this.#pods.keys()].filter((pod) => pod !== caller)): Promise<void> {
    const unknown = (): readonly Pod[] => {
      const hosts = caller.envoy("clusters").split("\n");
      const healthy = ({ namespace: { address } }: Pod): boolean =>
        hosts.some((line) => line.includes(`::${address}:`) && line.endsWith("::health_flags::healthy"));
      return pods.filter((pod) => !healthy(pod));
    };
    await until(
      () => unknown().length === 0,
      () => `${caller.name} does not hear of ${unknown().map(({ name }) => name)}`,
    );
  }

  /** Where the control plane runs: what is started there reaches the API server and every pod. */
  get control(): Namespace {
    return this.#network.control;
  }

  /** Leaves something to the mesh, which stops it before itself. */
  own(part: { stop(): Promise<void> }): void {
    this.#parts.push(part);
  }

  /** Calls a function with all pods that run, now and whenever one has come or gone. */
  onPods(call: (pods: readonly Pod[]) => void): void {
    this.#onPods = call;
    call([...this.#pods.keys()]);
  }

  /** A pod that runs. */
  pod(name: string): Pod {
    const pod = [...this.#pods.keys()].find((candidate) => candidate.name === name);
    if (pod === undefined) throw new Error(`no pod ${name}`);
    return pod;
  }

  /** Pods that are ready of a Deployment or a Rollout: those whose names begin with its name. */
  readyPods(workload: string): readonly Pod[] {
    return [...this.#pods].filter(([{ name }, state]) => state === "ready" && name.startsWith(`${workload}-`)).map(([pod]) => pod);
  }

  /** Waits for a pod of a Deployment or a Rollout that somebody else starts. */
  async readyPod(workload: string): Promise<Pod> {
    await until(
      () => this.readyPods(workload).length > 0,
      () => `no pod of ${workload} is ready`,
    );
    return this.readyPods(workload)[0] as Pod;
  }

  /** A machine outside the mesh, with an address of its own. With ports it serves on them, and with a host the name server knows it. */
  async outsider(address: string, { host, ports = [] }: { host?: string; ports?: readonly number[] } = {}): Promise<Machine> {
    const folder = join(this.#folder, address);
    mkdirSync(folder);
    const machine = new Machine(host ?? address, await this.#network.join(address, folder), folder);
    if (host !== undefined) this.#names.set(host, address);
    if (ports.length > 0) await machine.serve(ports);
    await this.#publish();
    return machine;
  }

  /** Stops a pod as Kubernetes does: the endpoint is marked as terminating while the kubelet begins, and is gone at the end. */
  async stop(pod: Pod): Promise<void> {
    this.#pods.set(pod, "terminating");
    await Promise.all([this.#publish(), pod.stop()]);
    this.#pods.delete(pod);
    await this.#publish();
    await this.api.delete(podPath(pod.object));
  }

  /**
   * Ends everything. Nothing is left: no process, no namespace, no interface.
   *
   * @throws Error when an Envoy has refused what istiod made of the objects: what was measured then is not what they say.
   */
  async end(): Promise<void> {
    const refused = readFileSync(this.istiod.running.log, "utf8")
      .split("\n")
      .filter((line) => line.includes("ACK ERROR"));
    const failed: unknown[] = [];
    // What cannot be stopped must not keep the rest.
    for (const part of [...this.#parts].reverse()) await part.stop().catch((error) => void failed.push(error));
    if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join("\n"));
    if (refused.length > 0) throw new Error(`Envoys refused:\n${refused.join("\n")}`);
  }

  async #startPod(object: Manifest, { ports = [], listensAfter = 0 }: DeploymentOptions): Promise<Pod> {
    const address = `10.244.1.${this.#addresses++}`;
    const folder = join(this.#folder, object.metadata.name);
    mkdirSync(folder);
    const pods = `/api/v1/namespaces/${object.metadata.namespace}/pods`;
    const serviceAccountName = await this.#accountOf(object);
    const created = await this.api.post<PodObject>(pods, { ...object, spec: { ...object.spec, serviceAccountName, nodeName } });
    const namespace = await this.#network.join(address, folder);
    await this.#setStatus(created, address, "False");
    const pod = new Pod({ api: this.api, namespace, folder, object: created, ports, listensAfter });
    this.#pods.set(pod, "starting");
    await pod.start();
    await pod.untilReady();
    this.#pods.set(pod, "ready");
    await this.#setStatus(created, address, "True");
    return pod;
  }

  /** A pod without an account gets its namespace's, which a controller of Kubernetes would have made. */
  async #accountOf({ metadata: { namespace }, spec }: Manifest): Promise<unknown> {
    if (spec?.serviceAccountName !== undefined) return spec.serviceAccountName;
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
    await this.api.apply(`/api/v1/namespaces/${namespace}/serviceaccounts/default`, account);
    return "default";
  }

  async #setStatus(pod: PodObject, address: string, ready: "True" | "False"): Promise<void> {
    const conditions = [{ type: "Ready", status: ready }];
    const status = { phase: "Running", podIP: address, podIPs: [{ ip: address }], hostIP: controlAddress, conditions };
    await this.api.apply(`${podPath(pod)}/status`, { apiVersion: "v1", kind: "Pod", metadata: { name: pod.metadata.name }, status });
  }

  /** Publishes what is now, one after the other: an older state must not arrive last. */
  #publish(): Promise<void> {
    this.#published = this.#published.catch(() => undefined).then(() => this.#publishNow());
    return this.#published;
  }

  /** What the controllers of Kubernetes do: EndpointSlices of the Services that select pods. And a name server's work: /etc/hosts of the pods. */
  async #publishNow(): Promise<void> {
    this.#onPods([...this.#pods.keys()]);
    const { items } = await this.api.get<{ items: readonly Manifest[] }>("/api/v1/services");
    await Promise.all(
      items
        .filter(({ spec }) => spec?.selector !== undefined)
        .map((service) => {
          const path = `/apis/discovery.k8s.io/v1/namespaces/${service.metadata.namespace}/endpointslices/${service.metadata.name}`;
          return this.api.apply(path, endpointSlice(service, this.#pods, nodeName));
        }),
    );
    const lines = items.map(({ metadata, spec }) => {
      const full = `${metadata.name}.${metadata.namespace}`;
      return `${spec?.clusterIP} ${metadata.name} ${full} ${full}.svc.cluster.local`;
    });
    const names = [...this.#names].map(([host, address]) => `${address} ${host}`);
    const text = `127.0.0.1 localhost\n${[...names, ...lines].filter((line) => !line.startsWith("None")).join("\n")}\n`;
    // A pod that looks up a name while the file is written finds none: it is written only when names come or go.
    if (text !== readFileSync(this.#hosts, "utf8")) writeFileSync(this.#hosts, text);
  }

  /** A node for the pods: istiod injects a native sidecar where every kubelet can run one. */
  #prepare(): void {
    this.applyObjects([{ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } }]);
    const status = { nodeInfo: { kubeletVersion: `v${engines.kubeApiserver.version}` } };
    this.server.kubectlWith("", "patch", "node", nodeName, "--subresource=status", "--type=merge", `--patch=${JSON.stringify({ status })}`);
  }
}

interface MeshParts {
  readonly folder: string;
  readonly hosts: string;
  readonly network: Network;
  readonly server: ApiServer;
  readonly istiod: Istiod;
  readonly api: KubernetesApi;
  readonly parts: { stop(): Promise<void> }[];
}

interface NamedTemplate {
  /** Of the pod. */
  readonly name: string;
  readonly namespace: string;
  readonly template: PodTemplate;
}

const nodeName = "node-1";

function podPath({ metadata }: PodObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}
