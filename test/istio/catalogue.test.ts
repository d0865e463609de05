import { expect, test } from "vitest";
import { catalogue, type IstioMinor, minorNumber } from "../../lib/istio/catalogue";

const firstWith = (holds: (row: IstioMinor) => boolean): string | undefined => catalogue.find(holds)?.minor;
const lastWith = (holds: (row: IstioMinor) => boolean): string | undefined => catalogue.findLast(holds)?.minor;
const pairs: readonly (readonly [IstioMinor, IstioMinor])[] = catalogue.slice(1).map((row, index) => [catalogue[index] as IstioMinor, row]);

test("minors follow each other from 1.17, and so do their dates", () => {
  expect(catalogue[0]?.minor).toBe("1.17");
  for (const [earlier, later] of pairs) {
    expect(minorNumber(later.minor)).toBe(minorNumber(earlier.minor) + 1);
    expect(later.released > earlier.released).toBe(true);
    expect((later.endOfLife?.date ?? "9999") > (earlier.endOfLife?.date ?? "")).toBe(true);
  }
});

test("every row says what it rests on, and its dates and patches are of its own minor", () => {
  for (const { minor, released, endOfLife, lastPatch, verified } of catalogue) {
    expect(verified).toMatch(/read at tag 1\.\d+\.\d+/);
    expect(verified).toContain(`read at tag ${minor}.`);
    expect(lastPatch.startsWith(`${minor}.`)).toBe(true);
    for (const date of [released, endOfLife?.date ?? released]) expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
    expect(endOfLife === undefined || endOfLife.date > released).toBe(true);
  }
});

test("Kubernetes ranges hold four to five releases and never go back", () => {
  for (const { kubernetes } of catalogue) expect([4, 5]).toContain(kubernetes.newest - kubernetes.oldest + 1);
  for (const [earlier, later] of pairs) {
    expect(later.kubernetes.oldest).toBeGreaterThanOrEqual(earlier.kubernetes.oldest);
    expect(later.kubernetes.newest).toBeGreaterThanOrEqual(earlier.kubernetes.newest);
  }
});

test("every kind has the apiVersion that its release serves", () => {
  for (const { minor, apiVersions } of catalogue) {
    const versions = new Set(Object.entries(apiVersions).map(([kind, text]) => (kind === "Telemetry" ? `Telemetry ${text}` : text)));
    expect([...versions]).toEqual(
      minorNumber(minor) < 22
        ? ["networking.istio.io/v1beta1", "security.istio.io/v1beta1", "Telemetry telemetry.istio.io/v1alpha1"]
        : ["networking.istio.io/v1", "security.istio.io/v1", "Telemetry telemetry.istio.io/v1"],
    );
  }
});

test("what came and went, at a glance", () => {
  expect({
    "nativeSidecars from": firstWith(({ features }) => features.nativeSidecars),
    "nativeSidecarAnnotation from": firstWith(({ features }) => features.nativeSidecarAnnotation),
    "nativeSidecarsByDefault from": firstWith(({ features }) => features.nativeSidecarsByDefault),
    "strictEjectionPercent from": firstWith(({ features }) => features.strictEjectionPercent),
    "retries503ByDefault until": lastWith(({ features }) => features.retries503ByDefault),
    "operatorCrd until": lastWith(({ features }) => features.operatorCrd),
    "operatorInCluster until": lastWith(({ features }) => features.operatorInCluster),
    "registry.istio.io from": firstWith(({ features }) => features.registry === "registry.istio.io/release"),
    "chart ztunnel from": firstWith(({ charts }) => charts.names.includes("ztunnel")),
    "chart istiod-remote until": lastWith(({ charts }) => charts.names.includes("istiod-remote")),
    "profile from": firstWith(({ charts }) => charts.profile),
    "platform from": firstWith(({ charts }) => charts.platform),
    "top-level values from": firstWith(({ charts }) => charts.istiodPrefix === "" && charts.cniEnabled === "cni.enabled"),
    "validationFailurePolicy from": firstWith(({ charts }) => charts.validationFailurePolicy),
  }).toMatchInlineSnapshot(`
    {
      "chart istiod-remote until": "1.23",
      "chart ztunnel from": "1.18",
      "nativeSidecarAnnotation from": "1.24",
      "nativeSidecars from": "1.19",
      "nativeSidecarsByDefault from": "1.27",
      "operatorCrd until": "1.20",
      "operatorInCluster until": "1.23",
      "platform from": "1.24",
      "profile from": "1.21",
      "registry.istio.io from": "1.30",
      "retries503ByDefault until": "1.23",
      "strictEjectionPercent from": "1.20",
      "top-level values from": "1.24",
      "validationFailurePolicy from": "1.30",
    }
  `);
});
