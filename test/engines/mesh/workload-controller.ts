import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Manifest } from "../../support/examples";
import type { Mesh, PodTemplate } from "./mesh";
import type { Pod } from "./pod";

/** A pod of a workload. */
interface Replica {
  readonly name: string;
  /** Tells templates apart. */
  readonly template: string;
  /** Undefined until it is ready. */
  pod?: Pod;
}

/** A Deployment or a ReplicaSet, as it is read from the API server. */
interface Workload extends Manifest {
  readonly metadata: Manifest["metadata"] & { readonly namespace: string; readonly uid: string; readonly generation: number };
  readonly spec: { readonly replicas?: number; readonly template: PodTemplate };
}

/**
 * A double of what Kubernetes does with Deployments and ReplicaSets: of its two controllers and its kubelet. It reads them again and again, starts
 * and stops pods of the mesh until there are as many as they say, and writes their status, which delivery controllers wait for.
 *
 * A Deployment has no ReplicaSets here: when its template changes, all new pods start, and the old ones stop once all new ones are ready.
 */
export class WorkloadController {
  readonly #mesh: Mesh;
  readonly #options: WorkloadControllerOptions;
  readonly #replicas = new Map<string, Replica[]>();
  readonly #written = new Map<string, string>();
  readonly #under: Set<Promise<void>> = new Set();
  readonly #errors: unknown[] = [];
  readonly #loop: Promise<void>;
  #count = 0;
  #over = false;

  constructor(mesh: Mesh, options: WorkloadControllerOptions = {}) {
    this.#mesh = mesh;
    this.#options = options;
    this.#loop = this.#run();
  }

  /**
   * Stops it, the pods excepted.
   *
   * @throws AggregateError when a pod could not be started or stopped.
   */
  async stop(): Promise<void> {
    this.#over = true;
    await this.#loop;
    await Promise.all(this.#under);
    if (this.#errors.length > 0) throw new AggregateError(this.#errors, this.#errors.map(String).join("\n"));
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      await this.#reconcileAll().catch((error) => this.#errors.push(error));
      await pause(200);
    }
  }

  async #reconcileAll(): Promise<void> {
    const lists = ["replicasets", "deployments"].map((kind) => this.#mesh.api.get<{ items: Workload[] }>(`/apis/apps/v1/${kind}`));
    const [replicaSets = [], deployments = []] = (await Promise.all(lists)).map(({ items }) => items);
    const workloads = [
      ...replicaSets.map((object) => ({ ...object, kind: "ReplicaSet" })),
      ...deployments.map((object) => ({ ...object, kind: "Deployment" })),
    ];
    const alive = new Set(workloads.map(({ metadata: { uid } }) => uid));
    for (const [uid, replicas] of this.#replicas) if (!alive.has(uid)) for (const replica of replicas) this.#stop(uid, replica);
    await Promise.all(workloads.map((workload) => this.#reconcile(workload)));
  }

  async #reconcile(workload: Workload): Promise<void> {
    const { uid } = workload.metadata;
    const wanted = workload.spec.replicas ?? 1;
    const template = fingerprint(workload.spec.template);
    const all = this.#replicas.get(uid) ?? [];
    const current = all.filter((replica) => replica.template === template);
    const former = all.filter((replica) => replica.template !== template);
    for (let missing = wanted - current.length; missing > 0; missing--) this.#start(workload, template);
    const ready = current.filter(({ pod }) => pod !== undefined);
    // What is not ready goes first.
    for (const replica of [...ready, ...current.filter(({ pod }) => pod === undefined)].slice(wanted)) this.#stop(uid, replica);
    if (ready.length >= wanted) for (const replica of former) this.#stop(uid, replica);
    await this.#writeStatus(workload, template);
  }

  #start({ metadata: { uid, name, namespace }, spec }: Workload, template: string): void {
    const replica: Replica = { name: `${name}-${this.#count++}`, template };
    this.#replicas.set(uid, [...(this.#replicas.get(uid) ?? []), replica]);
    const { annotations = {} } = this.#options;
    this.#do(async () => {
      const pod = await this.#mesh.runTemplate({ name: replica.name, namespace, template: spec.template }, { annotations });
      if (this.#replicas.get(uid)?.includes(replica) === true) replica.pod = pod;
      else await this.#mesh.stop(pod);
    });
  }

  /** A pod that still starts is stopped once it is ready. */
  #stop(uid: string, replica: Replica): void {
    const left = (this.#replicas.get(uid) ?? []).filter((other) => other !== replica);
    if (left.length > 0) this.#replicas.set(uid, left);
    else this.#replicas.delete(uid);
    const { pod } = replica;
    if (pod !== undefined) this.#do(() => this.#mesh.stop(pod));
  }

  #do(work: () => Promise<void>): void {
    const done = work()
      .catch((error) => void this.#errors.push(error))
      .finally(() => this.#under.delete(done));
    this.#under.add(done);
  }

  async #writeStatus({ apiVersion = "apps/v1", kind, metadata }: Workload, template: string): Promise<void> {
    const all = this.#replicas.get(metadata.uid) ?? [];
    const ready = all.filter(({ pod }) => pod !== undefined);
    const counts = {
      observedGeneration: metadata.generation,
      replicas: all.length,
      readyReplicas: ready.length,
      availableReplicas: ready.length,
    };
    const updatedReplicas = all.filter((replica) => replica.template === template).length;
    const text = JSON.stringify([counts, updatedReplicas]);
    if (this.#written.get(metadata.uid) === text) return;
    const status =
      kind === "ReplicaSet" ? counts : { ...counts, updatedReplicas, conditions: deploymentConditions(ready.length === all.length) };
    const path = `/apis/apps/v1/namespaces/${metadata.namespace}/${kind.toLowerCase()}s/${metadata.name}/status`;
    // It may be gone by now: then the next look does not find it any more.
    const gone = await this.#mesh.api
      .apply(path, { apiVersion, kind, metadata: { name: metadata.name }, status })
      .then(() => false)
      .catch((error) => /: 404 /.test(String(error)) || Promise.reject(error));
    if (!gone) this.#written.set(metadata.uid, text);
  }
}

/** What the pods of all workloads get. */
export interface WorkloadControllerOptions {
  /** Annotations beside those of the templates. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
}

function fingerprint(template: PodTemplate): string {
  return createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 10);
}

function deploymentConditions(available: boolean): readonly object[] {
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const at = { lastUpdateTime: now, lastTransitionTime: now };
  const status = available ? "True" : "False";
  return [
    { type: "Available", status, reason: available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", ...at },
    { type: "Progressing", status: "True", reason: available ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", ...at },
  ];
}
