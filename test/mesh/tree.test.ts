import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CanaryService, InvalidInput, IstioControlPlane, type StrictMtlsNamespace } from "../../lib/index";
import type { Manifest } from "../support/examples";
import { meshApp, namespace, objectsOf, service } from "../support/tree";

/** A random system: services, who calls whom, who is exposed, in a stage and kind of access, declared in any order. */
const systems = fc.record({
  names: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 2, maxLength: 5 }),
  calls: fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 8 }),
  exposed: fc.array(fc.nat(4), { maxLength: 2 }),
  outsiders: fc.array(fc.nat(4), { maxLength: 2 }),
  stage: fc.constantFrom("permissive" as const, "strict" as const),
  access: fc.constantFrom("declared" as const, "open" as const),
  controlPlaneFirst: fc.boolean(),
});
type System = ReturnType<typeof systems.generate>["value"];

function render({ names, calls, exposed, outsiders, stage, access, controlPlaneFirst }: System): readonly Manifest[] {
  const app = meshApp();
  const controlPlane = (): IstioControlPlane => new IstioControlPlane(app, "mesh", { trustDomain: "shop.example" });
  const first = controlPlaneFirst ? controlPlane() : undefined;
  const shop: StrictMtlsNamespace = namespace({ stage, access }, app);
  const services = names.map((name) => service(shop, name));
  const at = (index: number): CanaryService => services[index % services.length] as CanaryService;
  const edge = (first ?? controlPlane()).addIngressGateway("edge");
  for (const [from, to] of calls) at(from).calls(at(to));
  for (const [index, target] of exposed.entries()) edge.expose(at(target), { host: `h${index}.example`, tls: { secret: "s" } });
  for (const [index, target] of outsiders.entries())
    shop.allowPlaintext(`o${index}`, { to: at(target), port: 9000 + index, from: ["10.0.0.0/8"], reason: "x" });
  return objectsOf(app);
}

const ofKind = (objects: readonly Manifest[], kind: string): readonly Manifest[] => objects.filter((object) => object.kind === kind);
const principalsOf = (objects: readonly Manifest[], target: string): readonly string[] => {
  const policy = ofKind(objects, "AuthorizationPolicy").find(({ metadata }) => metadata.name === `${target}-callers`);
  const rules = (policy?.spec?.rules ?? []) as { from: { source: { principals: string[] } }[] }[];
  return rules.flatMap(({ from }) => from.flatMap(({ source }) => source.principals));
};

describe("in any system", () => {
  test("every selector picks pods that are there", () => {
    fc.assert(
      fc.property(systems, (system) => {
        const objects = render(system);
        const templates = ofKind(objects, "Deployment").map(
          ({ spec }) => spec?.template as { metadata: { labels: Record<string, string> } },
        );
        const pods = templates.map(({ metadata }) => metadata.labels);
        const picks = (labels: Record<string, string>): boolean =>
          pods.some((pod) => Object.entries(labels).every(([key, value]) => pod[key] === value));
        const selectors = [
          ...ofKind(objects, "Service").map(({ spec }) => spec?.selector),
          ...[...ofKind(objects, "PeerAuthentication"), ...ofKind(objects, "AuthorizationPolicy")].map(
            ({ spec }) => (spec?.selector as { matchLabels: unknown } | undefined)?.matchLabels,
          ),
        ].filter((selector) => selector !== undefined) as Record<string, string>[];
        expect(selectors.filter((selector) => !picks(selector))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("exactly the declared callers are let in, by the tree's trust domain", () => {
    fc.assert(
      fc.property(systems, (system) => {
        const objects = render(system);
        const { names, calls, exposed, access } = system;
        const at = (index: number): string => names[index % names.length] ?? "";
        for (const target of names) {
          const callers = calls.filter(([, to]) => at(to) === target).map(([from]) => `shop.example/ns/shop/sa/${at(from)}`);
          const edge = exposed.some((index) => at(index) === target) ? ["shop.example/ns/istio-system/sa/edge-service-account"] : [];
          expect(principalsOf(objects, target)).toEqual(access === "open" ? [] : [...new Set([...callers, ...edge])].sort());
        }
      }),
      { numRuns: 60 },
    );
  });

  test("nothing is let in by a real policy while the stage is permissive, and nothing is open by default while it is strict", () => {
    fc.assert(
      fc.property(systems, (system) => {
        const objects = render(system);
        const dry = ofKind(objects, "AuthorizationPolicy").map(
          ({ metadata }) => (metadata.annotations as Record<string, string> | undefined)?.["istio.io/dry-run"],
        );
        expect(new Set(dry)).toEqual(new Set(dry.length === 0 ? [] : [system.stage === "permissive" ? "true" : undefined]));
        const denies = ofKind(objects, "AuthorizationPolicy").filter(({ metadata }) => metadata.name === "default-deny");
        expect(denies).toHaveLength(system.access === "declared" ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });
});

test("whatever is given as props, the answer is a service or one InvalidInput", () => {
  const junk = fc.oneof(fc.anything(), fc.constantFrom("$(x)", "a\nb", '"', "y", "0o7", "1e3", -1, Number.NaN, {}, []));
  const props = [
    "name",
    "port",
    "targetPort",
    "protocol",
    "extraPorts",
    "replicas",
    "timeout",
    "retries",
    "circuitBreaker",
    "testers",
    "mirror",
    "sessionAffinity",
    "sidecar",
    "tls",
    "env",
    "resources",
    "health",
    "podSelector",
    "serviceAccountName",
    "nodeSelector",
    "pool",
    "release",
  ];
  fc.assert(
    fc.property(fc.constantFrom(...props), junk, (prop, value) => {
      try {
        service(namespace(), "pricing", { [prop]: value });
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInput);
      }
      expect(prop).toBeDefined();
    }),
    { numRuns: 1_000 },
  );
});
