import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Destination, errorShare, latencyQuantile, matcher, requestCount, whereEnough } from "../../lib/prometheus/istio-metrics";

const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const destinations: fc.Arbitrary<Destination> = fc.record(
  { namespace: name, workload: name, version: name, service: name },
  { requiredKeys: ["namespace"] },
);
const windows = fc.constantFrom("10s", "1m", "1.5m", "6h", "36h") as fc.Arbitrary<"1m">;
const builders: readonly ((destination: Destination, over: "1m") => string)[] = [
  (destination, over) => errorShare(destination, over),
  (destination, over) => errorShare(destination, over, "grpc"),
  (destination, over) => latencyQuantile(destination, 0.99, over),
  (destination, over) => requestCount(destination, over),
  (destination, over) => whereEnough(errorShare(destination, over), requestCount(destination, over), 10),
];
const queries = fc.tuple(destinations, windows, fc.constantFrom(...builders));

/** What stands between braces, once for each series of a query. */
const selectorsOf = (query: string): readonly string[] => [...query.matchAll(/\{(.*?)\}/g)].map(([, inside]) => inside ?? "");

describe("a query about the requests to a destination", () => {
  test("selects in each of its series by everything that the destination names, and by nothing that it does not", () => {
    const labels = {
      namespace: "workload_namespace",
      workload: "workload",
      version: "canonical_revision",
      service: "service_name",
    } as const;
    fc.assert(
      fc.property(queries, ([destination, over, query]) => {
        const selectors = selectorsOf(query(destination, over));
        expect(selectors.length).toBeGreaterThan(0);
        for (const [part, label] of Object.entries(labels)) {
          const value = destination[part as keyof Destination];
          const wanted = value === undefined ? `destination_${label}=` : `destination_${label}="${value}"`;
          for (const selector of selectors) expect(selector.split(",").some((one) => one.startsWith(wanted))).toBe(value !== undefined);
        }
      }),
    );
  });

  test("answers with one series without labels, so that thresholds and guards can be put beside it", () => {
    fc.assert(
      fc.property(queries, ([destination, over, query]) => {
        expect(query(destination, over)).toMatch(/^max\(/);
      }),
    );
  });

  test("looks back as far everywhere", () => {
    fc.assert(
      fc.property(queries, ([destination, over, query]) => {
        const ranges = [...query(destination, over).matchAll(/\[(.*?)\]/g)].map(([, range]) => range);
        expect(new Set(ranges).size).toBe(1);
      }),
    );
  });

  test("has its brackets in pairs", () => {
    fc.assert(
      fc.property(queries, ([destination, over, query]) => {
        const text = query(destination, over);
        for (const [open, close] of ["()", "[]", "{}"]) expect(text.split(open ?? "").length).toBe(text.split(close ?? "").length);
      }),
    );
  });
});

test("a value cannot end its quotes: it is a string to PromQL, whatever it holds", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const quoted = matcher("version", "=", value).slice("version=".length);
      expect(JSON.parse(quoted)).toBe(value);
      expect(quoted.slice(1, -1).replaceAll(/\\./gs, "")).not.toContain('"');
    }),
  );
});
