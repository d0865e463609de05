import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mermaid } from "../../lib/picture/mermaid";
import { renderExample } from "../support/examples";
import { namespaceYaml, pageIn, pictured, serviceYaml, topologyIn } from "./pictured";

test("oslo-production as a flowchart", async () => {
  const { artefacts } = await renderExample("oslo-production");
  await expect(mermaid(topologyIn(pageIn(artefacts)))).toMatchFileSnapshot(join(__dirname, "../golden/picture/oslo-production.mmd"));
});

test("whatever a name holds stays between its quotes", () => {
  const topology = pictured(namespaceYaml("shop") + serviceYaml("shop", "pricing"));
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('"]\n  n9[x]', "end", "#quot;", "`a`", "<img src=x>", "%%{init}%%", "\u2028"),
  );
  fc.assert(
    fc.property(text, text, text, (name, host, version) => {
      const drawn = mermaid({
        ...topology,
        services: topology.services.map((service) => ({
          ...service,
          name,
          versions: [
            { name: version, weight: 95 },
            { name: "v2", weight: 5 },
          ],
        })),
        externals: [{ id: "external:x", name: host, namespace: "shop", ports: [], inMesh: false }],
      });
      const bare = drawn.replace(/"[^"\n]*"/g, "_");
      expect(bare).toBe("flowchart LR\n  subgraph n0[_]\n    n1[_]\n  end\n  n2([_])\n");
      expect(drawn).not.toMatch(/[^\P{Cc}\n]|[<>`{}](?!br\/>|\/?)/u);
    }),
  );
});

test("a large mesh is drawn by its namespaces, each pair of them once", () => {
  const services = (namespace: string): string => Array.from({ length: 100 }, (_, index) => serviceYaml(namespace, `s${index}`)).join("");
  const calls = Array.from(
    { length: 100 },
    (_, index) => `    - { from: { namespace: shop, name: s${index} }, to: { namespace: bank, name: s${index} } }`,
  );
  const graph = `---\napiVersion: meshground.io/v1\nkind: CallGraph\nmetadata: { name: calls }\nspec:\n  calls:\n${calls.join("\n")}\n`;
  expect(mermaid(pictured(services("shop") + services("bank") + graph))).toBe(
    'flowchart LR\n  n0["bank (PERMISSIVE)<br/>100 services"]\n  n1["shop (PERMISSIVE)<br/>100 services"]\n  n1 --> n0\n',
  );
});
