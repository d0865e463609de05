import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiObject, Chart } from "cdk8s";
import { describe, expect, test } from "vitest";
import {
  IstioControlPlane,
  KernelProfile,
  MeshApp,
  type MeshAppProps,
  ServiceEntry,
  StrictMtlsNamespace,
  TunedNodePool,
} from "../../lib/index";
import { filesBelow } from "../support/examples";
import { temporaryFolder } from "../support/temporary";
import { service, today } from "../support/tree";

const folder = (): string => temporaryFolder("app");
const appIn = (where: string, props: Partial<MeshAppProps> = {}): MeshApp =>
  new MeshApp({ ...today, outdir: join(where, "manifests"), ...props });
const pool = (app: MeshApp, country: "NO" | "SE"): TunedNodePool =>
  new TunedNodePool(app, `pool-${country.toLowerCase()}`, {
    nodes: { count: 1, cpu: 4, memory: "16Gi", country },
    distribution: "k3s",
    kernel: KernelProfile.of({}),
  });

describe("a synth", () => {
  test("writes manifests and artefacts into folders of their own", () => {
    const where = folder();
    const app = appIn(where);
    new IstioControlPlane(app, "mesh", { mtls: "strict" });
    app.synth();
    expect(readdirSync(where).sort()).toEqual(["artefacts", "manifests"]);
    expect(filesBelow(join(where, "manifests")).every((path) => path.endsWith(".k8s.yaml"))).toBe(true);
    expect(filesBelow(join(where, "artefacts"))).toContain("istio/mesh/istio-operator.yaml");
  });

  test("removes what an earlier one wrote and is no more, and nothing else", () => {
    const where = folder();
    const first = appIn(where);
    new StrictMtlsNamespace(first, "old");
    new StrictMtlsNamespace(first, "kept");
    first.synth();
    const own = join(where, "manifests/own.yaml");
    writeFileSync(own, "# somebody's own file\n");
    const second = appIn(where);
    new StrictMtlsNamespace(second, "kept");
    const report = second.synth();
    expect(report.manifests.map(({ path, change }) => [path, change])).toEqual([
      ["kept.k8s.yaml", "unchanged"],
      ["old.k8s.yaml", "removed"],
    ]);
    expect(existsSync(own)).toBe(true);
  });

  test("leaves an old file alone that somebody has changed, and says so", () => {
    const where = folder();
    const first = appIn(where);
    new StrictMtlsNamespace(first, "old");
    first.synth();
    writeFileSync(join(where, "manifests/old.k8s.yaml"), "# edited by hand\n");
    const report = appIn(where).synth();
    expect(report.manifests.map(({ path, change }) => [path, change])).toEqual([["old.k8s.yaml", "kept"]]);
    expect(`${report}`).toContain("! old.k8s.yaml");
  });

  test.each(["{", "[]", '{"manifests":[{"path":"../../etc/passwd","sha256":"0"}]}', '{"manifests":[null,1]}'])(
    "does not trust a list of files like %s",
    (text) => {
      const where = folder();
      mkdirSync(join(where, "artefacts/report"), { recursive: true });
      writeFileSync(join(where, "artefacts/report/files.json"), text);
      expect(() => appIn(where).synth()).not.toThrow();
    },
  );

  test("writes nothing when the tree is not valid", () => {
    const where = folder();
    const app = appIn(where, { residency: ["NO"] });
    pool(app, "SE");
    new StrictMtlsNamespace(app, "shop");
    expect(() => app.synth()).toThrow(/expected a country of the residency: NO/);
    expect(existsSync(join(where, "manifests"))).toBe(false);
  });
});

describe("residency", () => {
  test("stops a pool in another country, with its name", () => {
    const app = appIn(folder(), { residency: ["NO"] });
    pool(app, "NO");
    pool(app, "SE");
    expect(() => app.synthYaml()).toThrowErrorMatchingInlineSnapshot(`
      [Error: Validation failed with the following errors:
        [pool-se] nodes.country: got "SE", expected a country of the residency: NO.]
    `);
  });

  test("warns where sidecars let out calls to hosts that no list names", () => {
    const codes = (outbound?: "REGISTRY_ONLY"): readonly string[] => {
      const app = appIn(folder(), { residency: ["NO"] });
      new IstioControlPlane(app, "mesh", outbound === undefined ? {} : { outbound });
      return app.synth().findings.map(({ code }) => code);
    };
    expect([codes(), codes("REGISTRY_ONLY")]).toEqual([["MG0203"], []]);
  });

  test("is not asked for by default", () => {
    const app = appIn(folder());
    pool(app, "SE");
    expect(() => app.synthYaml()).not.toThrow();
  });

  test("has the report list the hosts that data may leave for", () => {
    const app = appIn(folder(), { residency: ["NO"] });
    const shop = new StrictMtlsNamespace(app, "shop");
    const ports = [{ number: 443, name: "tls", protocol: "TLS" }] as const;
    new ServiceEntry(shop, "bank", { metadata: { name: "bank" }, spec: { hosts: ["api.bank.example"], ports, resolution: "DNS" } });
    new ServiceEntry(shop, "vm", {
      metadata: { name: "vm" },
      spec: { hosts: ["vm.example"], ports, resolution: "DNS", location: "MESH_INTERNAL" },
    });
    const report = app.synth();
    expect(report.egressHosts).toEqual(["api.bank.example"]);
    expect(`${report}`).toContain("Hosts outside the mesh that services may call: api.bank.example");
  });

  test("wants countries that exist", () => {
    expect(() => appIn(folder(), { residency: ["no"] })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: MeshApp: 1 invalid prop
        residency[0]: got "no", expected a country code of ISO 3166-1 alpha-2, such as "NO". Did you mean "NO"?]
    `);
  });
});

describe("the pair of releases", () => {
  test("is refused when Istio does not support it, with the nearest that it does", () => {
    expect(() => new MeshApp({ istio: "1.18.2", kubernetes: "1.36" })).toThrow(/1\.18/);
  });

  test("is taken with a reason, which the report shows", () => {
    const where = folder();
    const app = appIn(where, { istio: "1.18.2", kubernetes: "1.36", allowUnsupported: { reason: "moving next week" } });
    expect(`${app.synth()}`).toContain("unsupported pair, accepted: moving next week");
  });
});

describe("two objects that are one to the cluster", () => {
  test("stop the synth, with the paths of both", () => {
    const app = appIn(folder());
    const shop = new StrictMtlsNamespace(app, "shop");
    service(shop, "pricing");
    new ApiObject(shop, "theirs", { apiVersion: "v1", kind: "Service", metadata: { name: "pricing" } });
    expect(() => app.synth()).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: MeshApp: 1 invalid prop
        shop/theirs: is Service pricing in namespace shop, which shop/pricing/workload/service is already: the one applied last would win.]
    `);
  });

  test("are told apart by namespace and by API group", () => {
    const app = appIn(folder());
    for (const namespace of ["a", "b"]) {
      const chart = new Chart(app, namespace, { namespace });
      for (const group of ["serving.knative.dev", "example.no"]) {
        new ApiObject(chart, group, { apiVersion: `${group}/v1`, kind: "Service", metadata: { name: "edge" } });
      }
    }
    expect(() => app.synthYaml()).not.toThrow();
  });
});

describe("the app's own props", () => {
  test("must be what cdk8s and the catalogue can read", () => {
    expect(() => new MeshApp({ ...today, yamlOutputType: "FILE_PER_RESOURCE" as never })).toThrow(
      /yamlOutputType: got "FILE_PER_RESOURCE"/,
    );
    expect(() => new MeshApp({ ...today, allowUnsupported: true as never })).toThrow(/allowUnsupported: got true, expected an object/);
  });

  test("are named when they are missing", () => {
    expect(() => new MeshApp(undefined as never)).toThrow(/got nothing, expected { istio: "1.30.3", kubernetes: "1.36" }/);
  });

  test("are looked at for slips, because a residency that is not read protects nothing", () => {
    expect(() => new MeshApp({ ...today, residancy: ["NO"] } as never)).toThrow(/residancy: unknown prop. Did you mean "residency"\?/);
  });
});

test("what was found lies among the artefacts, for callers that swallow what a program prints", () => {
  const where = folder();
  const app = appIn(where);
  new StrictMtlsNamespace(app, "shop", { existing: true });
  app.synth();
  const report = JSON.parse(readFileSync(join(where, "artefacts/report/findings.json"), "utf8"));
  expect(report).toMatchObject({ istio: "1.30.3", kubernetes: "1.36", findings: [{ code: "MG0401", path: "shop" }] });
});

test("an ordinary chart with anybody's objects may stand in the tree", () => {
  const app = appIn(folder());
  const chart = new Chart(app, "theirs", { namespace: "theirs" });
  new ApiObject(chart, "map", { apiVersion: "v1", kind: "ConfigMap", data: { "12:30": "yes" } });
  service(chart);
  expect(app.synthYaml()).toContain('"12:30": "yes"');
});
