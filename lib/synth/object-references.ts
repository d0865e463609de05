import { groupOf, type KubernetesObject } from "./kubernetes-object";
import { isIstio, ObjectIndex, type PodTemplate, podTemplateOf, record, records, selects, where } from "./object-index";

/** What an object needs before it is made, by the objects' place in the list. */
type Rule = (object: KubernetesObject, index: ObjectIndex, roots: readonly string[]) => readonly number[];

/**
 * What each object must wait for because of what the objects are:
 *
 * - its namespace, and the definition of its kind
 * - a workload: its service account, and the ConfigMaps, Secrets and volume claims that its pods name
 * - a workload: the policies that guard its pods, those of the mesh's root namespaces among them, so that it is never reachable without
 * - a policy that denies all: those that let callers in; where policies only watch, the other way round
 * - a VirtualService: the DestinationRules, Services and gateways that it names, and the workloads behind those Services, so that no
 *   request goes to a subset that does not exist or to a version that is not ready
 * - an autoscaler or anything else with a `scaleTargetRef`: what it scales
 * - a Rollout: the AnalysisTemplates that it names
 * - a Deployment: the Rollout that has its pods from it, so that its analysis asks for the new version by the time there are pods of it
 * - a role binding: its role
 *
 * What is not in the list is taken to be there already. The links never run in a circle.
 *
 * @param roots - namespaces whose policies hold for the whole mesh
 */
export function references(objects: readonly KubernetesObject[], roots: readonly string[] = []): readonly ReadonlySet<number>[] {
  const index = new ObjectIndex(objects);
  return objects.map((object, own) => {
    const found = new Set(rules.flatMap((rule) => rule(object, index, roots)));
    found.delete(own);
    return found;
  });
}

/** The objects whose number of pods an autoscaler of the list moves, by their place. */
export function autoscaled(objects: readonly KubernetesObject[]): ReadonlySet<number> {
  const index = new ObjectIndex(objects);
  const scalers = objects.filter(({ kind }) => kind === "HorizontalPodAutoscaler" || kind === "ScaledObject");
  return new Set(scalers.flatMap((scaler) => scaled(scaler, index, [])));
}

const rollouts = "argoproj.io";

const namespaceOf: Rule = ({ metadata }, index) => index.find("", "Namespace", "", metadata.namespace);

const definitionOf: Rule = (object, index) => {
  if (groupOf(object) === "") return [];
  return index.definitionsOf(groupOf(object), object.kind);
};

const partsOfPods: Rule = (object, index) => {
  const template = podTemplateOf(object);
  return template === undefined ? [] : namedParts(template).flatMap(([kind, name]) => index.find("", kind, where(object), name));
};

const guards: Rule = (object, index, roots) => {
  const template = podTemplateOf(object);
  if (template === undefined) return [];
  const isGuard = (policy: number, wholeMesh: boolean): boolean => guardsPods(index.objects[policy], template, wholeMesh);
  const shared = roots.filter((root) => root !== where(object)).flatMap((root) => index.policiesIn(root));
  return [
    ...index.policiesIn(where(object)).filter((policy) => isGuard(policy, false)),
    ...shared.filter((policy) => isGuard(policy, true)),
  ];
};

/** Whoever is let in is let in before all others are shut out: a policy that denies all is enforced last, and the first not to be any more. */
const shutsOut: Rule = (object, index) => {
  if (!isAuthorization(object) || deniesAll(object) === isDryRun(object)) return [];
  return index.policiesIn(where(object)).filter((place) => {
    const other = index.objects[place] as KubernetesObject;
    return isAuthorization(other) && deniesAll(other) !== deniesAll(object) && isDryRun(other) === isDryRun(object);
  });
};

const routes: Rule = (object, index) => {
  if (!isIstio(object, "VirtualService")) return [];
  const spec = record(object.spec);
  const hosts = new Set(["http", "tcp", "tls"].flatMap((protocol) => records(spec[protocol]).flatMap(destinationHosts)));
  const targets = [...hosts].flatMap((host) => [...index.rulesFor(host, where(object)), ...index.backendsOf(host, where(object))]);
  const gateways = Array.isArray(spec.gateways) ? spec.gateways.map(String) : [];
  return [...targets, ...gateways.flatMap((name) => gatewayOf(name, where(object), index))];
};

const scaled: Rule = (object, index) => {
  const target = record(record(object.spec).scaleTargetRef);
  const group = String(target.apiVersion ?? "apps/v1").replace(/\/?[^/]*$/, "");
  return index.find(group, String(target.kind ?? "Deployment"), where(object), target.name);
};

const analyses: Rule = (object, index) => {
  if (groupOf(object) !== rollouts || object.kind !== "Rollout") return [];
  const canary = record(record(record(object.spec).strategy).canary);
  const runs = [canary.analysis, ...records(canary.steps).map(({ analysis }) => analysis)];
  const names = new Set(runs.flatMap((run) => records(record(run).templates)).map(({ templateName }) => templateName));
  return [...names].flatMap((name) => index.find(rollouts, "AnalysisTemplate", where(object), name));
};

const takenOver: Rule = (object, index) => {
  if (groupOf(object) !== "apps" || object.kind !== "Deployment") return [];
  return index.takersOf(where(object), object.metadata.name);
};

const roleOf: Rule = (object, index) => {
  const role = record(object.roleRef);
  const namespace = role.kind === "ClusterRole" ? "" : where(object);
  return index.find("rbac.authorization.k8s.io", String(role.kind), namespace, role.name);
};

const rules: readonly Rule[] = [namespaceOf, definitionOf, partsOfPods, guards, shutsOut, routes, scaled, analyses, takenOver, roleOf];

function isAuthorization({ kind }: KubernetesObject): boolean {
  return kind === "AuthorizationPolicy";
}

/** An ALLOW, which a policy is that says nothing else, without a rule: nobody fits. */
function deniesAll({ spec }: KubernetesObject): boolean {
  return Object.keys(record(spec)).length === 0;
}

/** Whether Envoy only counts what a policy would refuse. */
function isDryRun({ metadata }: KubernetesObject): boolean {
  return record(metadata.annotations)["istio.io/dry-run"] === "true";
}

/** Names of what a pod cannot start without, by kind. */
function namedParts({ spec }: PodTemplate): readonly (readonly [kind: string, name: unknown])[] {
  const containers = [...records(spec.initContainers), ...records(spec.containers)];
  const volumes = records(spec.volumes).flatMap((volume) => [volume, ...records(record(volume.projected).sources)]);
  const environment = containers.flatMap((container) => [
    ...records(container.envFrom),
    ...records(container.env).map(({ valueFrom }) => record(valueFrom)),
  ]);
  return [
    ["ServiceAccount", spec.serviceAccountName],
    ...records(spec.imagePullSecrets).map(({ name }) => ["Secret", name] as const),
    ...volumes.flatMap(({ configMap, secret, persistentVolumeClaim }) => [
      ["ConfigMap", record(configMap).name] as const,
      ["Secret", record(secret).secretName ?? record(secret).name] as const,
      ["PersistentVolumeClaim", record(persistentVolumeClaim).claimName] as const,
    ]),
    ...environment.flatMap(({ configMapRef, secretRef, configMapKeyRef, secretKeyRef }) => [
      ["ConfigMap", record(configMapRef ?? configMapKeyRef).name] as const,
      ["Secret", record(secretRef ?? secretKeyRef).name] as const,
    ]),
  ];
}

/** Whether a policy is about the pods of a template: by its labels, or because it is about all pods. One for a waypoint is not. */
function guardsPods(policy: KubernetesObject | undefined, template: PodTemplate, wholeMesh: boolean): boolean {
  const spec = record(policy?.spec);
  if (spec.targetRef !== undefined || spec.targetRefs !== undefined) return false;
  if (wholeMesh && (spec.podSelector !== undefined || policy?.kind === "NetworkPolicy")) return false;
  return selects(record(record(spec.selector ?? spec.podSelector).matchLabels), template);
}

function destinationHosts(route: Readonly<Record<string, unknown>>): readonly unknown[] {
  const mirrors = [{ destination: route.mirror }, ...records(route.mirrors)];
  return [...records(route.route), ...mirrors].map(({ destination }) => record(destination).host);
}

/** `shop/edge` of another namespace, `edge` of the object's own; `mesh` is every sidecar. */
function gatewayOf(name: string, namespace: string, index: ObjectIndex): readonly number[] {
  const [first = "", second] = name.split("/");
  return second === undefined
    ? index.find("networking.istio.io", "Gateway", namespace, first)
    : index.find("networking.istio.io", "Gateway", first, second);
}
