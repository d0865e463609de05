import { App, Chart } from "cdk8s";
import { describe, expect, test } from "vitest";
import { InvalidInput } from "../../lib/core/problem";
import { apiVersionOf, hasNativeSidecars, releasesOf, resolveReleases, useReleases } from "../../lib/istio/release";

const resolve = (istio: string, kubernetes: string, reason?: string): ReturnType<typeof resolveReleases> =>
  resolveReleases("app", { istio, kubernetes, ...(reason !== undefined && { allowUnsupported: { reason } }) });

describe("a pair of releases", () => {
  test("is read with and without patches", () => {
    expect(resolve("1.30.3", "1.36.2")).toMatchObject({
      istio: { text: "1.30.3", minor: "1.30" },
      kubernetes: { text: "1.36.2", minor: 36 },
    });
    expect(resolve("1.18", "1.27").istio.row.minor).toBe("1.18");
    expect(resolve("1.31.0-rc.0", "1.36").istio).toMatchObject({ text: "1.31.0-rc.0", minor: "1.31" });
  });

  test("carries no reason where Istio supports it", () => {
    expect(resolve("1.30.3", "1.36", "just in case")).not.toHaveProperty("unsupported");
  });

  test("outside Istio's range is refused, with the nearest good choices", () => {
    expect(() => resolve("1.30", "1.29")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: app: 1 invalid prop
        kubernetes: got "1.29", expected 1.32 to 1.36, which Istio 1.30 supports. The nearest Istio for Kubernetes 1.29 is 1.27; to accept the pair: allowUnsupported: { reason: "…" }.]
    `);
    expect(() => resolve("1.18", "1.50")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: app: 1 invalid prop
        kubernetes: got "1.50", expected 1.24 to 1.27, which Istio 1.18 supports. No Istio of the catalogue supports Kubernetes 1.50; to accept the pair: allowUnsupported: { reason: "…" }.]
    `);
  });

  test("outside Istio's range is accepted for a reason, which stays", () => {
    expect(resolve("1.30.3", "1.29", "the vendor patches it").unsupported).toBe("the vendor patches it");
  });

  test("needs a reason that says something", () => {
    expect(() => resolve("1.30.3", "1.29", " ")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: app: 1 invalid prop
        allowUnsupported.reason: got " ", expected why the pair is accepted.]
    `);
  });

  test("that is malformed is refused in one error, with what was meant", () => {
    expect(() => resolve("v1.30.3", "v1.36.2+k3s1")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: app: 2 invalid props
        istio: got "v1.30.3", expected a release such as "1.30.3" or "1.30". Did you mean "1.30.3"?
        kubernetes: got "v1.36.2+k3s1", expected a release such as "1.36" or "1.36.2". Did you mean "1.36.2"?]
    `);
    for (const text of ["", "latest", "1", "2.1", "1.30.3.4", "1.1234", "１.30"]) expect(() => resolve(text, "1.36")).toThrow(InvalidInput);
  });

  test("with an unknown Istio is refused, with the nearest known", () => {
    expect(() => resolve("1.32.0", "1.36")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: app: 1 invalid prop
        istio: got "1.32.0", expected a release from 1.17 to 1.31. Nearest: "1.31"; to render as 1.31: allowUnsupported: { reason: "…" }.]
    `);
    expect(() => resolve("1.16.7", "1.24", "we still run it")).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: app: 1 invalid prop
        istio: got "1.16.7", expected a release from 1.17 to 1.31. Nearest: "1.17".]
    `);
  });

  test("with an Istio newer than the catalogue is rendered as the newest, for a reason", () => {
    expect(resolve("1.33.1", "1.36", "we try it")).toMatchObject({
      istio: { minor: "1.33", row: { minor: "1.31" } },
      unsupported: "we try it",
    });
  });
});

describe("the releases of a construct", () => {
  test("are those of the nearest construct above", () => {
    const app = new App();
    const [here, there] = [new Chart(app, "here"), new Chart(app, "there")];
    useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
    useReleases(there, { istio: "1.18.7", kubernetes: "1.27" });
    expect(releasesOf(here).istio.text).toBe("1.30.3");
    expect(releasesOf(new Chart(there, "below")).istio.text).toBe("1.18.7");
  });

  test("are missing with a way out", () => {
    expect(() => releasesOf(new Chart(new App(), "shop"))).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: shop: 1 invalid prop
        no Istio release is named above this construct. Use a MeshApp, or call useReleases(app, { istio: "1.30.3", kubernetes: "1.36" }) first.]
    `);
  });

  test("are named once", () => {
    const app = new App();
    useReleases(app, { istio: "1.30.3", kubernetes: "1.36" });
    expect(() => useReleases(app, { istio: "1.30.3", kubernetes: "1.36" })).not.toThrow();
    expect(() => useReleases(app, { istio: "1.31", kubernetes: "1.36" })).toThrowErrorMatchingInlineSnapshot(`
      [InvalidInput: app: 1 invalid prop
        releases are named already: Istio 1.30.3 on Kubernetes 1.36. Name them once.]
    `);
  });
});

test("v1 came with Istio 1.22 for every kind", () => {
  expect(apiVersionOf("PeerAuthentication", resolve("1.21", "1.29").istio)).toBe("security.istio.io/v1beta1");
  expect(apiVersionOf("PeerAuthentication", resolve("1.22", "1.29").istio)).toBe("security.istio.io/v1");
  expect(apiVersionOf("Telemetry", resolve("1.21", "1.29").istio)).toBe("telemetry.istio.io/v1alpha1");
  expect(apiVersionOf("Telemetry", resolve("1.22", "1.29").istio)).toBe("telemetry.istio.io/v1");
});

test("proxies are native sidecars from Istio 1.27 on Kubernetes 1.33", () => {
  const native = [
    ["1.26", "1.33"],
    ["1.27", "1.32"],
    ["1.27", "1.33"],
    ["1.30", "1.36"],
  ] as const;
  expect(native.map(([istio, kubernetes]) => hasNativeSidecars(resolve(istio, kubernetes)))).toEqual([false, false, true, true]);
});
