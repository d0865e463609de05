import type { Edge, ServiceNode, Topology } from "../topology";
import { type Content, html } from "./dom";
import { poolFacts } from "./ground";
import { counted, type Thing } from "./model";
import { facts, findingArticle, link, modeTag, nameOf, type Page, versionBar } from "./parts";
import { edgeText, edgeWords, findingCounts, kindWords, modeWords, proxyWords } from "./words";

/** What is known of the thing that is selected; of the whole where nothing is. */
export function detailsOf(page: Page): readonly Content[] {
  const thing = page.model.byId.get(page.state.selected);
  return thing === undefined
    ? overview(page)
    : [...headOf(page, thing), ...bodyOf(page, thing), ...callsOf(page, thing), ...findingsOf(page, thing)];
}

function overview({ model: { topology } }: Page): readonly Content[] {
  const { namespaces, services, gateways, externals, outsiders, pools, edges, leftOut } = topology;
  const plaintext = edges.filter((edge) => edge.plaintext === true).length;
  return [
    html("p", { class: "kicker" }, "Overview"),
    html("h2", {}, counted(services.length + leftOut.services, "service")),
    facts([
      ["Namespaces", namespaces.length],
      ["Ways in", gateways.length],
      ["External hosts", externals.length],
      ["Let in from outside", outsiders.length],
      ["Calls without mTLS", plaintext],
      ["Node pools", pools.length + leftOut.pools],
      ["Found", findingCounts(topology.findings) || "nothing"],
      ["Left out", leftOutText(leftOut)],
    ]),
    legend(),
  ];
}

function leftOutText(leftOut: Topology["leftOut"]): string {
  return Object.entries(leftOut)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

function legend(): HTMLElement {
  const entry = (name: string, words: string): HTMLElement =>
    html("li", {}, html("span", { class: `sample ${name}`, "aria-hidden": "true" }), words);
  return html(
    "section",
    { class: "legend" },
    html("h3", {}, "Legend"),
    html(
      "ul",
      {},
      entry("declared", "declared call, or where requests come in"),
      entry("maybe", "allowed or visible: may call"),
      entry("plaintext", "without mTLS"),
      entry("late", "waits past a deadline before it"),
      html("li", {}, html("code", {}, "2s×3"), "the caller waits at most so long, in so many tries"),
      entry("strict", "takes mTLS only"),
      entry("permissive", "takes plaintext as well"),
    ),
  );
}

function headOf({ select }: Page, thing: Thing): readonly Content[] {
  return [
    html(
      "button",
      { type: "button", class: "close", "aria-label": "Close the details", "data-key": "close", click: () => select("") },
      "×",
    ),
    html("p", { class: "kicker" }, thing.kind === "gateway" ? thing.data.kind : kindWords[thing.kind]),
    html("h2", { class: "name" }, nameOf(thing)),
  ];
}

function bodyOf(page: Page, thing: Thing): readonly Content[] {
  switch (thing.kind) {
    case "service":
      return serviceBody(page, thing.data);
    case "namespace": {
      const { mtls, policy, injection, closed, services } = thing.data;
      const shown = page.model.things.filter((one) => one.kind === "service" && one.data.parent === thing.id);
      return [
        facts([
          ["mTLS", [modeTag(mtls), ` ${modeWords[mtls] ?? ""}`]],
          ["By", policy],
          [
            "Proxies",
            { sidecar: "sidecars", ambient: "ambient", none: "none", unknown: "not known: the Namespace is not among the objects" }[
              injection
            ],
          ],
          ["Access", closed ? "refused unless a policy allows it" : ""],
          ["Services", services],
        ]),
        html("ul", { class: "list" }, ...shown.map(({ id }) => html("li", {}, link(page, id, "in")))),
      ];
    }
    case "gateway":
      return [html("ul", { class: "list" }, ...thing.data.hosts.map((host) => html("li", {}, html("code", {}, host))))];
    case "external":
      return [
        facts([
          ["Declared in", thing.data.namespace],
          ["Ports", thing.data.ports.join(", ")],
          ["Counts as", thing.data.inMesh ? "a part of the mesh" : "outside the mesh"],
        ]),
      ];
    case "outside":
      return [html("p", {}, "Addresses that an AuthorizationPolicy lets in. They have no certificate of the mesh.")];
    case "pool":
      return [
        poolFacts(page, thing.data),
        html(
          "p",
          {},
          link({ ...page, select: () => page.change((state) => ({ ...state, view: "nodes" })) }, thing.id, "kernel"),
          ": kernel and capacity",
        ),
      ];
  }
}

function serviceBody(page: Page, { mtls, proxy, ports, versions, plaintext = [], pools = [] }: ServiceNode): readonly Content[] {
  return [
    facts([
      ["mTLS", [modeTag(mtls), ` ${modeWords[mtls] ?? ""}`]],
      ["Proxy", proxy === undefined ? "no pods are among the objects" : proxyWords[proxy]],
      ["Ports", ports.join(", ")],
      [
        "Plaintext",
        plaintext
          .map(({ port, mode, policy }) => `${port} takes ${modeWords[mode]}${policy === undefined ? "" : `, by ${policy}`}`)
          .join("; "),
      ],
      ["Runs on", pools.map((id) => html("span", { class: "inline" }, link(page, id, "on")))],
    ]),
    versions.length > 0 && html("h3", {}, "Versions"),
    versionBar(versions),
    html(
      "ul",
      { class: "list" },
      ...versions.map(({ name, weight, replicas }) =>
        html(
          "li",
          { class: "row" },
          html("code", {}, name),
          [weight === undefined ? "" : `${weight} %`, replicas === undefined ? "" : counted(replicas, "pod")]
            .filter((part) => part !== "")
            .join(", "),
        ),
      ),
    ),
  ];
}

/** Who calls the thing, and whom it calls. */
function callsOf(page: Page, { id }: Thing): readonly Content[] {
  const { into, outOf } = page.model;
  return [
    ...callList(page, "Called by", into.get(id) ?? [], ({ from }) => from),
    ...callList(page, "Calls", outOf.get(id) ?? [], ({ to }) => to),
  ];
}

const mostListed = 100;

function callList(page: Page, title: string, edges: readonly Edge[], end: (edge: Edge) => string): readonly Content[] {
  if (edges.length === 0) return [];
  const items = edges
    .slice(0, mostListed)
    .map((edge) =>
      html(
        "li",
        { class: edge.late === true || edge.plaintext === true ? "danger" : "" },
        link(page, end(edge), title),
        html(
          "span",
          { class: "small" },
          [edgeWords[edge.kind], edgeText(edge), edge.reason ?? "", edge.late === true ? "waits past a deadline before it" : ""]
            .filter((part) => part !== "")
            .join(" · "),
        ),
      ),
    );
  const more = edges.length > mostListed && html("li", {}, `and ${edges.length - mostListed} more`);
  return [html("h3", {}, title), html("ul", { class: "list calls" }, ...items, more)];
}

function findingsOf(page: Page, { id }: Thing): readonly Content[] {
  const findings = page.model.findings.get(id) ?? [];
  if (findings.length === 0) return [];
  return [
    html("h3", {}, `Findings: ${findingCounts(findings)}`),
    ...findings.slice(0, mostListed).map((finding) => findingArticle(page, finding, "finding")),
  ];
}
