import { ApiObject, App, Chart } from "cdk8s";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { artefacts } from "../../lib/core/artefact";
import {
  ArgoCdApplications,
  type ArgoCdApplicationsProps,
  declareMovedFields,
  IstioControlPlane,
  type MeshApp,
  StrictMtlsNamespace,
} from "../../lib/index";
import { documentsOf, findManifest, type Manifest } from "../support/examples";
import { meshApp, service } from "../support/tree";

const git = { repository: "https://git.example.no/platform.git", path: "oslo/manifests" } as const;

/** A mesh with a gateway and a service in two versions, applied by Argo CD. */
function applied(props: Partial<ArgoCdApplicationsProps> = {}, app: MeshApp = meshApp()): ArgoCdApplications {
  const applications = new ArgoCdApplications(app, "oslo", { ...git, ...props });
  const mesh = new IstioControlPlane(app, "mesh", { cni: true, distribution: "kubeadm" });
  mesh.addIngressGateway("edge");
  service(new StrictMtlsNamespace(app, "shop"));
  return applications;
}

/** The manifests as MeshApp writes them. */
function written(app: MeshApp): readonly Manifest[] {
  return documentsOf(app.synthYaml());
}

function annotationsOf({ metadata }: Manifest): Readonly<Record<string, string>> {
  return (metadata.annotations ?? {}) as Readonly<Record<string, string>>;
}

function waveOf(manifest: Manifest): string | undefined {
  return annotationsOf(manifest)["argocd.argoproj.io/sync-wave"];
}

function rawObject(
  app: App,
  kind: string,
  props: { apiVersion?: string; annotations?: Record<string, string>; spec?: object } = {},
): ApiObject {
  const { apiVersion = "v1", annotations = {}, spec } = props;
  return new ApiObject(new Chart(app, kind.toLowerCase(), { namespace: "shop" }), "Resource", {
    apiVersion,
    kind,
    metadata: { name: "one", annotations },
    ...(spec !== undefined && { spec }),
  });
}

describe("golden", () => {
  test("the Applications of a mesh and its manifests", async () => {
    const app = meshApp();
    applied({}, app);
    const [applications, root] = artefacts(app).filter(({ path }) => path.startsWith("argo-cd/"));
    expect([applications?.path, root?.path]).toEqual(["argo-cd/applications.yaml", "argo-cd/root.yaml"]);
    await expect(`${root?.content}---\n${applications?.content}`).toMatchFileSnapshot("../golden/synth/argo-cd.defaults.yaml");
  });
});

describe("the Applications", () => {
  test("come in waves: CRDs, the plugin, istiod, then gateways and manifests", () => {
    const waves = applied()
      .applications()
      .map(({ metadata: { name, annotations } }) => [name, annotations?.["argocd.argoproj.io/sync-wave"]]);
    expect(waves).toEqual([
      ["oslo-istio-base", "0"],
      ["oslo-istio-cni", "1"],
      ["oslo-istiod", "2"],
      ["oslo-edge", "3"],
      ["oslo-manifests", "3"],
    ]);
  });

  test("have the values that Helm gets", () => {
    const app = meshApp();
    const applications = new ArgoCdApplications(app, "oslo", git);
    const mesh = new IstioControlPlane(app, "mesh", { outbound: "REGISTRY_ONLY" });
    const istiod = mesh.helmReleases().find(({ chart }) => chart === "istiod");
    const { spec } = applications.applications().find(({ metadata }) => metadata.name === "oslo-istiod") ?? {};
    expect(spec?.source).toEqual({
      repoURL: istiod?.repository,
      targetRevision: istiod?.version,
      chart: "istiod",
      helm: { releaseName: "istiod", valuesObject: istiod?.values },
    });
  });

  test("share the CRDs of control planes side by side", () => {
    const app = meshApp();
    const applications = new ArgoCdApplications(app, "oslo", git);
    new IstioControlPlane(app, "old", { revision: "1-29" });
    new IstioControlPlane(app, "new", { revision: "1-30" });
    const names = applications.applications().map(({ metadata }) => metadata.name);
    expect(names).toEqual(["oslo-istio-base", "oslo-istiod-1-29", "oslo-istiod-1-30", "oslo-manifests"]);
  });

  test("never remove the CRDs, nor the mesh with an Application", () => {
    const applications = applied({ automated: { prune: true } });
    const base = applications.applications().find(({ metadata }) => metadata.name === "oslo-istio-base");
    expect(base?.spec.syncPolicy.syncOptions).toEqual(expect.arrayContaining(["Prune=false", "Delete=false"]));
    for (const { metadata } of [...applications.applications(), applications.root()]) expect(metadata).not.toHaveProperty("finalizers");
  });

  test.each([
    ["nothing is pruned by itself unless asked", {}, { prune: false, selfHeal: true }],
    ["pruning comes when asked for", { automated: { prune: true } }, { prune: true, selfHeal: true }],
    ["people start every sync", { automated: false }, undefined],
  ] as const)("%s", (_promise, props, automated) => {
    for (const { spec } of applied(props).applications()) {
      expect(spec.syncPolicy.automated).toEqual(automated);
      expect(spec.syncPolicy.syncOptions).toContain("PruneLast=true");
    }
  });

  test("the root applies the others, and neither itself nor the manifests", () => {
    const { spec, metadata } = applied({ destination: { name: "oslo-cluster" } }).root();
    expect(metadata).toEqual({ name: "oslo", namespace: "argocd" });
    expect(spec.source).toMatchObject({ path: "oslo/artefacts/argo-cd", directory: { include: "applications.yaml" } });
    expect(spec.destination).toEqual({ server: "https://kubernetes.default.svc", namespace: "argocd" });
  });

  test("Argo CD does not take the index of constructs for a manifest", () => {
    const manifests = applied().applications().at(-1);
    expect(manifests?.spec.source.directory).toEqual({ recurse: true, exclude: "construct-metadata.json" });
  });
});

describe("what others change", () => {
  test.each([
    ["1.30.3", "1.36", [".webhooks[]?.clientConfig.caBundle"]],
    ["1.29.6", "1.35", [".webhooks[]?.clientConfig.caBundle", ".webhooks[]?.failurePolicy"]],
  ])("istiod's webhooks, of %s: what cannot be steady from the start", (istio, kubernetes, paths) => {
    const app = meshApp({ istio, kubernetes });
    const istiod = applied({}, app)
      .applications()
      .find(({ metadata }) => metadata.name === "oslo-istiod");
    expect(istiod?.spec.ignoreDifferences?.map(({ kind, jqPathExpressions }) => [kind, jqPathExpressions])).toEqual([
      ["ValidatingWebhookConfiguration", paths],
      ["MutatingWebhookConfiguration", [".webhooks[]?.clientConfig.caBundle"]],
    ]);
    expect(istiod?.spec.syncPolicy.syncOptions).toContain("RespectIgnoreDifferences=true");
  });

  test("fields that a controller moves are no difference, and the frozen list is named", () => {
    const app = meshApp();
    const applications = new ArgoCdApplications(app, "oslo", git);
    const routes = rawObject(app, "VirtualService", { apiVersion: "networking.istio.io/v1" });
    declareMovedFields(routes, "spec.http[*].route[*].weight");
    declareMovedFields(rawObject(app, "Deployment", { apiVersion: "apps/v1" }), "spec.replicas");
    const { spec } = applications.applications().at(-1) ?? {};
    expect(spec?.ignoreDifferences).toEqual([
      {
        group: "networking.istio.io",
        kind: "VirtualService",
        name: "one",
        namespace: "shop",
        jqPathExpressions: [".spec.http[]?.route[]?.weight"],
      },
      { group: "apps", kind: "Deployment", name: "one", namespace: "shop", jqPathExpressions: [".spec.replicas"] },
    ]);
    expect(spec?.info?.map(({ value }) => value)).toEqual([expect.stringMatching(/^VirtualService shop\/one \.spec\.http: /)]);
    expect(spec?.syncPolicy.syncOptions).toContain("RespectIgnoreDifferences=true");
    // It would hide each later change of the routes.
    expect(JSON.stringify(spec)).not.toContain("managedFieldsManagers");
  });

  test("a key that is no plain name is a step of its own, and no list", () => {
    const app = meshApp();
    const applications = new ArgoCdApplications(app, "oslo", git);
    declareMovedFields(
      rawObject(app, "Deployment", { apiVersion: "apps/v1" }),
      'spec.template.metadata.labels["rollouts-pod-template-hash"]',
      "spec.template.spec.containers[0].image",
    );
    const { spec } = applications.applications().at(-1) ?? {};
    expect(spec?.ignoreDifferences?.[0]?.jqPathExpressions).toEqual([
      '.spec.template.metadata.labels["rollouts-pod-template-hash"]',
      ".spec.template.spec.containers[0].image",
    ]);
    expect(spec?.info).toHaveLength(1);
  });

  test("an autoscaler's number of pods, without a word from anybody", () => {
    const app = meshApp();
    const applications = new ArgoCdApplications(app, "oslo", git);
    service(new StrictMtlsNamespace(app, "shop"), "pricing", { replicas: { min: 2, max: 5 } });
    const ignored = applications.applications().at(-1)?.spec.ignoreDifferences ?? [];
    expect(new Set(ignored.flatMap(({ kind, jqPathExpressions }) => [kind, ...jqPathExpressions]))).toEqual(
      new Set(["Deployment", ".spec.replicas"]),
    );
  });

  test("nothing is ignored where nobody moves anything", () => {
    const { spec } = applied().applications().at(-1) ?? {};
    expect(spec).not.toHaveProperty("ignoreDifferences");
    expect(spec?.syncPolicy.syncOptions).not.toContain("RespectIgnoreDifferences=true");
  });
});

describe("objects", () => {
  test("come in the wave of their stage, routes after the pods that they name", () => {
    const app = meshApp();
    applied({}, app);
    const byKind = new Map(written(app).map((manifest) => [manifest.kind, waveOf(manifest)]));
    expect(Object.fromEntries(byKind)).toMatchObject({
      Namespace: "0",
      PeerAuthentication: "1",
      AuthorizationPolicy: "1",
      Deployment: "2",
      Service: "2",
      DestinationRule: "2",
      VirtualService: "3",
    });
  });

  test("routes come with the Rollout that moves them, which is degraded without", () => {
    const app = meshApp({ checks: { externals: ["Host *", "Service */*"] } });
    new ArgoCdApplications(app, "oslo", git);
    const spec = { hosts: ["one.example.no"], http: [{ route: [{ destination: { host: "one.example.no" } }] }] };
    declareMovedFields(rawObject(app, "VirtualService", { apiVersion: "networking.istio.io/v1", spec }), "spec.http[*].route[*].weight");
    expect(written(app).map(waveOf)).toEqual(["2"]);
  });

  test("that hold others are never pruned; what an object says itself stays", () => {
    const app = meshApp();
    new ArgoCdApplications(app, "oslo", git);
    rawObject(app, "Namespace");
    const own = { "argocd.argoproj.io/sync-wave": "-5", "argocd.argoproj.io/sync-options": "Prune=true" };
    rawObject(app, "PersistentVolumeClaim", { annotations: own });
    const objects = written(app);
    expect(annotationsOf(findManifest(objects, "Namespace", "one"))["argocd.argoproj.io/sync-options"]).toBe("Prune=false,Delete=false");
    expect(annotationsOf(findManifest(objects, "PersistentVolumeClaim", "one"))).toEqual(own);
  });

  test("are the same at each synth, and say nothing of Argo CD in a tree that it does not apply", () => {
    const app = meshApp();
    applied({}, app);
    expect(app.synthYaml()).toBe(app.synthYaml());
    const other = meshApp();
    service(new StrictMtlsNamespace(other, "shop"));
    expect(other.synthYaml()).not.toContain("argocd");
  });
});

describe("bad input", () => {
  test("names every invalid prop at once", () => {
    const props = {
      repository: "http://git.example.no/platform.git",
      path: "../manifests",
      revision: "main..other",
      destination: {},
      automated: true,
      project: "",
    } as unknown as ArgoCdApplicationsProps;
    expect(() => new ArgoCdApplications(meshApp(), "oslo", props)).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: oslo: 6 invalid props
        automated: got true, expected an object.
        destination: got {}, expected server or name, one of the two.
        path: got "../manifests", expected a folder below the top of the repository, such as oslo/manifests, without . and ...
        project: got "", expected a name of at most 63 characters (RFC 1123): lower-case letters, digits and dashes, starting and ending with a letter or digit.
        repository: expected a Git repository by https or ssh, without a password, such as https://git.example.no/platform.git. What is there is not shown: it may hold a password.
        revision: got "main..other", expected a branch, a tag or a commit, without ...]
    `);
  });

  test.each([
    ["manifests", "manifests/argo-cd"],
    ["artefacts", undefined],
    ["oslo", "oslo"],
  ])("refuses Applications among the manifests: %s, %s", (path, applicationsPath) => {
    expect(() => applied({ path, ...(applicationsPath !== undefined && { applicationsPath }) })).toThrow("folders apart");
  });

  test.each(["https://git.example.no/a/b.git", "git@git.example.no:a/b.git", "ssh://git@git.example.no:7999/a/b.git"])(
    "takes %s",
    (repository) => {
      expect(applied({ repository }).root().spec.source.repoURL).toBe(repository);
    },
  );

  test.each(["https://user:secret@git.example.no/a.git", "https://git.example.no", "file:///etc", "--upload-pack=x", "git@host:a b"])(
    "refuses %s",
    (repository) => {
      expect(() => applied({ repository })).toThrow("repository");
    },
  );

  test("no path leads out of the repository", () => {
    const paths = fc.array(fc.constantFrom("..", ".", "a", "", "b.c", "/"), { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    let taken = 0;
    fc.assert(
      fc.property(paths, (path) => {
        try {
          applied({ path, applicationsPath: "elsewhere" });
        } catch {
          return true;
        }
        taken += 1;
        return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
      }),
    );
    expect(taken).toBeGreaterThan(0);
  });

  test("a tree is applied once, and by a MeshApp", () => {
    const app = meshApp();
    applied({}, app);
    expect(() => new ArgoCdApplications(app, "again", git)).toThrow("second of their tree");
    expect(() => new ArgoCdApplications(new Chart(new App(), "chart"), "oslo", git)).toThrow("root is a MeshApp");
  });
});
