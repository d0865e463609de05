import { yamlDocuments } from "../../lib/core/yaml";
import { specProblems } from "../../lib/istio/kinds";
import { resolveReleases } from "../../lib/istio/release";
import { places, replaced } from "../istio/data-samples";
import { samples } from "../istio/samples";

const { istio } = resolveReleases("test", { istio: "1.31", kubernetes: "1.35" });
const values: readonly unknown[] = [
  "",
  "http",
  "HTTP",
  "1h2m3s",
  "0s",
  ".5s",
  "1.5s",
  "x",
  0,
  1,
  1.5,
  -1,
  true,
  {},
  [],
  [{}],
  ["x"],
  { x: "x" },
];

/** Objects that Istio takes, each with another value somewhere: the types have to take them too, or an import has to know that they do not. */
export function spellings(): string {
  const objects = samples.flatMap(({ kind, spec, newer }) => {
    const whole = { ...spec, ...newer };
    const changed = places(whole).flatMap((place) => values.map((value) => replaced(whole, place, value) as object));
    const taken = changed.filter((each) => specProblems(kind, { metadata: {}, spec: each }, istio).length === 0);
    const apiVersion = istio.row.apiVersions[kind];
    return taken.map((each, index) => ({ apiVersion, kind, metadata: { name: `spelling-${index}`, namespace: "shop" }, spec: each }));
  });
  return yamlDocuments(objects);
}
