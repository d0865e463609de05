import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/synth/kubernetes-object";
import { autoscaled, references } from "../../lib/synth/object-references";

const object = (apiVersion: string, kind: string, name: string, rest: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "shop" },
  ...rest,
});
const namespace: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const pods = (spec: object, labels: object = { app: "a" }): object => ({ spec: { template: { metadata: { labels }, spec } } });
const deployment = (name: string, spec: object = {}): KubernetesObject =>
  object("apps/v1", "Deployment", name, pods({ containers: [{ name: "main", image: "x" }], ...spec }));

/** What the last of the objects waits for, by kind and name. */
const waits = (objects: readonly KubernetesObject[], roots?: readonly string[]): readonly string[] =>
  [...(references(objects, roots).at(-1) ?? [])].map((index) => `${objects[index]?.kind} ${objects[index]?.metadata.name}`).sort();

describe("what an object waits for", () => {
  test("its namespace", () => {
    expect(waits([namespace, object("v1", "ConfigMap", "a")])).toEqual(["Namespace shop"]);
    expect(waits([namespace, { ...object("v1", "ConfigMap", "a"), metadata: { name: "a", namespace: "other" } }])).toEqual([]);
  });

  test("the definition of its kind", () => {
    const definition = {
      ...object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "canaries.flagger.app"),
      metadata: { name: "canaries.flagger.app" },
      spec: { group: "flagger.app", names: { kind: "Canary" } },
    };
    expect(waits([definition, object("flagger.app/v1beta1", "Canary", "a")])).toEqual(["CustomResourceDefinition canaries.flagger.app"]);
    expect(waits([definition, object("other.app/v1", "Canary", "a")])).toEqual([]);
  });

  test("a policy that denies all, those that let callers in: nobody who is declared is shut out in between", () => {
    const policy = (name: string, spec: object, dryRun = false): KubernetesObject => ({
      ...object("security.istio.io/v1", "AuthorizationPolicy", name, { spec }),
      metadata: { name, namespace: "shop", ...(dryRun && { annotations: { "istio.io/dry-run": "true" } }) },
    });
    const [allow, deny] = [{ action: "ALLOW", rules: [{}] }, {}];
    const mtls = object("security.istio.io/v1", "PeerAuthentication", "default", { spec: {} });
    expect(waits([mtls, policy("callers", allow), policy("default-deny", deny)])).toEqual(["AuthorizationPolicy callers"]);
    expect(waits([policy("default-deny", deny), policy("callers", allow)])).toEqual([]);
    // On the way back they stop to be enforced: the one that denies all first.
    expect(waits([policy("default-deny", deny, true), policy("callers", allow, true)])).toEqual(["AuthorizationPolicy default-deny"]);
    expect(waits([policy("callers", allow, true), policy("default-deny", deny, true)])).toEqual([]);
    expect(waits([policy("callers", allow, true), policy("default-deny", deny)])).toEqual([]);
  });

  test("what a pod cannot start without", () => {
    const parts = [
      object("v1", "ServiceAccount", "pricing"),
      object("v1", "Secret", "pull"),
      object("v1", "ConfigMap", "mounted"),
      object("v1", "Secret", "mounted"),
      object("v1", "ConfigMap", "projected"),
      object("v1", "PersistentVolumeClaim", "data"),
      object("v1", "ConfigMap", "variables"),
      object("v1", "Secret", "password"),
      object("v1", "Secret", "unused"),
    ];
    const pod = deployment("a", {
      serviceAccountName: "pricing",
      imagePullSecrets: [{ name: "pull" }],
      volumes: [
        { configMap: { name: "mounted" } },
        { secret: { secretName: "mounted" } },
        { projected: { sources: [{ configMap: { name: "projected" } }] } },
        { persistentVolumeClaim: { claimName: "data" } },
      ],
      containers: [{ envFrom: [{ configMapRef: { name: "variables" } }], env: [{ valueFrom: { secretKeyRef: { name: "password" } } }] }],
    });
    expect(waits([...parts, pod])).toEqual(
      parts
        .slice(0, -1)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
        .sort(),
    );
  });

  test("the policies that guard its pods, and no other", () => {
    const policy = (name: string, spec: object): KubernetesObject => object("security.istio.io/v1", "AuthorizationPolicy", name, { spec });
    const root = { ...policy("mesh", {}), metadata: { name: "mesh", namespace: "istio-system" } };
    const policies = [
      root,
      policy("all", {}),
      policy("own", { selector: { matchLabels: { app: "a" } } }),
      policy("other", { selector: { matchLabels: { app: "b" } } }),
      policy("waypoint", { targetRefs: [{ kind: "Gateway" }] }),
    ];
    expect(waits([...policies, deployment("a")], ["istio-system"])).toEqual([
      "AuthorizationPolicy all",
      "AuthorizationPolicy mesh",
      "AuthorizationPolicy own",
    ]);
  });

  test("subsets, Service, ready pods and gateway, before a route leads there", () => {
    const targets = [
      object("networking.istio.io/v1", "DestinationRule", "pricing", { spec: { host: "pricing.shop.svc.cluster.local" } }),
      object("v1", "Service", "pricing", { spec: { selector: { app: "a" } } }),
      deployment("pricing-v1"),
      object("networking.istio.io/v1", "Gateway", "edge"),
      deployment("other"),
    ];
    const other = { ...targets[4], ...pods({ containers: [] }, { app: "b" }) } as KubernetesObject;
    const route = { route: [{ destination: { host: "pricing", subset: "v1" } }] };
    const service = object("networking.istio.io/v1", "VirtualService", "a", { spec: { gateways: ["edge", "mesh"], http: [route] } });
    expect(waits([...targets.slice(0, 4), other, service])).toEqual([
      "Deployment pricing-v1",
      "DestinationRule pricing",
      "Gateway edge",
      "Service pricing",
    ]);
  });

  test("what it scales, and the role that it binds", () => {
    const scaler = object("autoscaling/v2", "HorizontalPodAutoscaler", "a", {
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" } },
    });
    expect(waits([deployment("a"), scaler])).toEqual(["Deployment a"]);
    expect([...autoscaled([deployment("a"), deployment("b"), scaler])]).toEqual([0]);
    const rbac = "rbac.authorization.k8s.io/v1";
    const binding = object(rbac, "RoleBinding", "b", { roleRef: { kind: "Role", name: "reader" } });
    expect(waits([object(rbac, "Role", "reader"), binding])).toEqual(["Role reader"]);
  });

  test("what judges a Rollout, and for a Deployment the Rollout that takes it over", () => {
    const argo = "argoproj.io/v1alpha1";
    const templates = ["background", "step", "unused"].map((name) => object(argo, "AnalysisTemplate", name));
    const run = (templateName: string): object => ({ templates: [{ templateName }] });
    const strategy = { canary: { analysis: run("background"), steps: [{ setWeight: 5 }, { analysis: run("step") }] } };
    const rollout = object(argo, "Rollout", "a", {
      spec: { strategy, workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "b" } },
    });
    expect(waits([...templates, rollout])).toEqual(["AnalysisTemplate background", "AnalysisTemplate step"]);
    expect(waits([...templates, rollout, deployment("a")])).toEqual([]);
    expect(waits([...templates, rollout, deployment("b")])).toEqual(["Rollout a"]);
  });

  test("nothing that is not there, whatever the objects say", () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.constantFrom("spec", "roleRef", "metadata2"), fc.jsonValue()), { maxLength: 6 }), (rests) => {
        const kinds = ["VirtualService", "Deployment", "RoleBinding"];
        const objects = rests.map((rest, index) => object("networking.istio.io/v1", kinds[index % 3] as string, `n${index}`, rest));
        const strange = references(objects, ["shop"]).flatMap((others, own) =>
          [...others].filter((other) => objects[other] === undefined || other === own),
        );
        expect(strange).toEqual([]);
      }),
    );
  });
});
