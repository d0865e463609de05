import { describe, expect, test } from "vitest";
import { objectName } from "../../../lib/checks/mesh-object";
import { type FileContent, readObjects } from "../../../lib/checks/read/read-objects";
import { readerTexts } from "../../../lib/checks/read/reader-texts";

const read = (text: string, file = "shop.yaml"): FileContent => readObjects({ file, bytes: Buffer.from(text) });
const names = ({ objects }: FileContent): readonly string[] => objects.map(objectName);
const found = ({ findings }: FileContent): readonly string[] =>
  findings.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`);

const service = (name: string): string => `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n`;

describe("objects", () => {
  test("are read from several documents", () => {
    expect(names(read(`${service("a")}---\n${service("b")}`))).toEqual(["Service a", "Service b"]);
  });

  test("are read from JSON: an object, a list of objects, a List", () => {
    const object = { apiVersion: "v1", kind: "Service", metadata: { name: "a", namespace: "shop" } };
    for (const data of [object, [object], { apiVersion: "v1", kind: "List", items: [object] }]) {
      expect(names(read(JSON.stringify(data, null, 2), "shop.json"))).toEqual(["Service shop/a"]);
    }
  });

  test("are taken out of lists, lists in lists and lists of one kind", () => {
    const content = read(`apiVersion: v1
kind: List
items:
  - kind: ServiceList
    apiVersion: v1
    items:
      - metadata: { name: a }
  - apiVersion: v1
    kind: Secret
    metadata: { name: b }
`);
    expect(names(content)).toEqual(["Service a", "Secret b"]);
    expect(found(content)).toEqual([]);
  });

  test("are objects all the same where their kind only ends like a list's", () => {
    expect(names(read("apiVersion: example.no/v1\nkind: AllowList\nmetadata: { name: a }\nitems: [x]\n"))).toEqual(["AllowList a"]);
  });

  test("that configure a program take their name from the file", () => {
    expect(names(read("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {}\n", "mesh/prod.yaml"))).toEqual([
      "IstioOperator prod",
    ]);
  });

  test("are read behind a byte order mark", () => {
    expect(names(read(`\ufeff${service("a")}`))).toEqual(["Service a"]);
  });
});

describe("the place of a field", () => {
  const text = `# made by hand
${service("a")}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  annotations:
    "a.b/c": d
spec:
  http:
  - route:
    - destination: {host: pricing, subset: "v1"}
      weight: 5
    - weight: 95
`;
  const [, object] = read(text).objects;
  test.each([
    ["", 7, 1],
    ["kind", 8, 1],
    ['metadata.annotations["a.b/c"]', 12, 5],
    ["spec.http[0]", 15, 5],
    ["spec.http[0].route[0].destination", 16, 7],
    ["spec.http[0].route[0].destination.subset", 16, 36],
    ["spec.http[0].route[1].weight", 18, 7],
  ])("%s is its own", (field, line, column) => {
    expect(object?.origin.position?.(field)).toEqual({ line, column });
  });

  test.each([
    ["metadata.labels.app", 9, 1],
    ["spec.http[0].route[1].destination.host", 18, 7],
    ["spec.http[3].route", 14, 3],
    ["spec.hosts[0]", 13, 1],
    ["status", 7, 1],
  ])("%s, which is not written, is that of the nearest around it", (field, line, column) => {
    expect(object?.origin.position?.(field)).toEqual({ line, column });
  });

  test("is counted in the file for an item of a list as well", () => {
    const [item] = read(`apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata:\n    name: a\n`).objects;
    expect([item?.origin.position?.(""), item?.origin.position?.("metadata.name")]).toEqual([
      { line: 4, column: 3 },
      { line: 7, column: 5 },
    ]);
  });

  test("is counted in UTF-16 code units, behind Windows' line breaks as well", () => {
    const [object] = read('apiVersion: v1\r\nkind: Secret\r\nmetadata: {labels: {"søt 🐟": x}, name: a}\r\n').objects;
    expect(object?.origin.position?.("metadata.name")).toEqual({ line: 3, column: 35 });
  });

  test("is found in JSON", () => {
    const [object] = read('{\n  "apiVersion": "v1",\n  "kind": "Service",\n  "metadata": { "name": "a" }\n}\n').objects;
    expect(object?.origin.position?.("metadata.name")).toEqual({ line: 4, column: 17 });
  });
});

describe("what is no object", () => {
  test("is named with its place, and all else is read", () => {
    const content = read(`${service("a")}---\na: [\n---\nreplicas: 1\n---\napiVersion: v1\nkind: Service\n---\n- 1\n---\n${service("b")}`);
    expect(names(content)).toEqual(["Service a", "Service b"]);
    expect(found(content)).toEqual([
      expect.stringMatching(/^MG0010 7:1 flow sequence/),
      "MG0011 8:1 it is no object of Kubernetes: apiVersion and kind and metadata.name are missing.",
      "MG0011 10:1 it is no object of Kubernetes: metadata.name is missing.",
      "MG0011 13:1 it is a list, and no object of Kubernetes.",
    ]);
  });

  test("is an object all the same where a key is written twice: the last counts, as it does in the cluster", () => {
    const content = read("apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  name: b\n");
    expect(names(content)).toEqual(["Service b"]);
    expect(found(content)).toEqual(['MG0010 5:3 the key "name" is written twice in one map.']);
  });

  test("is told once for a template, with the way to check it", () => {
    const content = read(`${service("a")}---\nmetadata:\n  name: {{ .Values.name }}\n---\nspec: {{ x }}\n`);
    expect(names(content)).toEqual([]);
    expect(content.findings).toMatchObject([{ code: "MG0010", line: 7, column: 9, fix: expect.stringContaining("helm template") }]);
  });

  test("is no template because of braces between quotes", () => {
    expect(names(read(`${service("a")}  annotations: {x: "{{ y }}"}\n`))).toEqual(["Service a"]);
  });

  test("is a kind of a group of Istio's that Istio does not have; of other groups any kind may be", () => {
    const content = read(`apiVersion: networking.istio.io/v1
kind: VirtualServices
metadata:
  name: pricing
  annotations:
    suppress.meshground.io/MG0012: "made by our own controller"
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRole
metadata: { name: pricing, namespace: shop }
---
apiVersion: example.no/v1
kind: Anything
metadata: { name: pricing }
`);
    expect(content.findings).toMatchObject([
      { code: "MG0012", line: 2, field: "kind", path: "VirtualServices pricing", suppressed: "made by our own controller" },
      {
        code: "MG0012",
        line: 9,
        resource: { apiVersion: "rbac.istio.io/v1alpha1", kind: "ServiceRole", namespace: "shop", name: "pricing" },
      },
    ]);
  });

  test.each(readerTexts.map((text) => [text.code, text] as const))("%s is found in its bad example alone", (code, { example }) => {
    expect(read(example?.bad ?? "").findings.map((finding) => finding.code)).toEqual([code]);
    expect(found(read(example?.good ?? ""))).toEqual([]);
  });
});

describe("MeshConfig", () => {
  test("is a document whose fields are all MeshConfig's, in either spelling", () => {
    expect(read("rootNamespace: mesh\nextensionProviders: []\n").meshConfig).toEqual({ rootNamespace: "mesh", extensionProviders: [] });
    expect(read("root_namespace: mesh\n").meshConfig).toEqual({ rootNamespace: "mesh" });
    expect(read("rootNamespace: mesh\nreplicas: 1\n").meshConfig).toBeUndefined();
  });

  const configMap = (name: string, mesh: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: istio-system\ndata:\n  mesh: |-\n    ${mesh}\n`;

  test("is what the ConfigMap of the control plane carries; that of a revision where there is no other", () => {
    const [revision, own] = [configMap("istio-canary", "rootNamespace: canary"), configMap("istio", "rootNamespace: mesh")];
    expect(read(revision).meshConfig).toEqual({ rootNamespace: "canary" });
    for (const text of [`${revision}---\n${own}`, `${own}---\n${revision}`])
      expect(read(text).meshConfig).toEqual({ rootNamespace: "mesh" });
    expect(read(configMap("istiod", "rootNamespace: x")).meshConfig).toBeUndefined();
  });

  test("that cannot be read is told at the ConfigMap", () => {
    expect(found(read(configMap("istio", "rootNamespace: [")))).toEqual([
      expect.stringMatching(/^MG0010 7:3 data.mesh of the ConfigMap istio: /),
    ]);
  });
});
