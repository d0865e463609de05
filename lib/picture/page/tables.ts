import type { Chain, ChainStep } from "../topology";
import { type Content, html } from "./dom";
import type { Thing } from "./model";
import { counters, findingArticle, link, modeTag, type Page, table, versionText } from "./parts";
import { searched } from "./selection";
import { millisText, proxyWords } from "./words";

/** Everything of the drawing as tables. */
export function servicesView(page: Page): readonly Content[] {
  const things = matching(page);
  const services = things.filter((thing) => thing.kind === "service");
  const others = things.filter(({ kind }) => kind === "gateway" || kind === "external" || kind === "outside");
  const { leftOut } = page.model.topology;
  return [
    table(
      "Services",
      ["service", "mTLS", "proxy", "versions", "called by", "calls", "findings"],
      services.map((thing) => serviceRow(page, thing)),
    ),
    leftOut.services > 0 &&
      html("p", { class: "lead" }, `${leftOut.services} more services are left out; they are counted in their namespaces.`),
    others.length > 0 &&
      table(
        "Ways in and out",
        ["name", "kind", "hosts and ports", "called by", "calls"],
        others.map((thing) => otherRow(page, thing)),
      ),
  ];
}

function matching({ model, shown, state }: Page): readonly Thing[] {
  const query = state.filter.query.trim();
  return (query === "" ? model.things : searched(model, query)).filter(({ id }) => shown.has(id));
}

function serviceRow(page: Page, thing: Thing): readonly Content[] {
  if (thing.kind !== "service") return [];
  const { mtls, proxy, versions } = thing.data;
  return [
    link(page, thing.id, "row"),
    modeTag(mtls),
    proxy === undefined ? "no pods" : proxyWords[proxy],
    versionText(versions),
    ends(page, thing.id, "into"),
    ends(page, thing.id, "outOf"),
    html("span", { class: "counters" }, ...counters(page.model.findings.get(thing.id) ?? [])),
  ];
}

function otherRow(page: Page, thing: Thing): readonly Content[] {
  const hosts = thing.kind === "gateway" ? thing.data.hosts : thing.kind === "external" ? thing.data.ports : [];
  const kind = thing.kind === "gateway" ? thing.data.kind : thing.kind;
  return [link(page, thing.id, "row"), kind, hosts.join(", "), ends(page, thing.id, "into"), ends(page, thing.id, "outOf")];
}

const mostEnds = 5;

function ends(page: Page, id: string, which: "into" | "outOf"): Content {
  const edges = page.model[which].get(id) ?? [];
  const links = edges.slice(0, mostEnds).map(({ from, to }) => html("li", {}, link(page, which === "into" ? from : to, `${which} ${id}`)));
  return html("ul", { class: "plain" }, ...links, edges.length > mostEnds && html("li", {}, `and ${edges.length - mostEnds} more`));
}

/** Everything that the checks found, with the way out. */
export function findingsView(page: Page): readonly Content[] {
  const { model, state, shown } = page;
  const { severities, query } = state.filter;
  const word = query.trim().toLowerCase();
  const listed = model.topology.findings.filter(
    ({ severity, accepted, at, code, object, message }) =>
      (severities.size === 0 || (accepted === undefined && severities.has(severity))) &&
      (at === undefined || shown.has(at) || !model.byId.has(at)) &&
      (word === "" || `${code} ${object} ${at ?? ""} ${message}`.toLowerCase().includes(word)),
  );
  const { leftOut } = model.topology;
  return [
    listed.length === 0 &&
      html(
        "p",
        { class: "empty" },
        model.topology.findings.length === 0 ? "The checks found nothing." : "No finding is left. Fewer filters show more.",
      ),
    ...listed.map((finding, index) => findingArticle(page, finding, `finding ${index}`)),
    leftOut.findings > 0 && html("p", { class: "lead" }, `${leftOut.findings} more are left out. meshground check lists all of them.`),
  ];
}

/** Deadline and retries along every chain of calls. */
export function deadlinesView(page: Page): readonly Content[] {
  const { chains, leftOut } = page.model.topology;
  if (chains.length === 0)
    return [
      html(
        "p",
        { class: "empty" },
        "Nobody declares who calls whom. `calls` of a tree, or a document of kind CallGraph beside YAML files, does.",
      ),
    ];
  return [
    ...chains.map((chain, index) => chainSection(page, chain, index)),
    leftOut.chains > 0 && html("p", { class: "lead" }, `${leftOut.chains} more chains are left out.`),
  ];
}

const chainHeads = ["from", "to", "timeout", "tries", "per try", "waits at most", "requests in all", "time left", "deadline"];

function chainSection(page: Page, { holds, circle, hops }: Chain, index: number): HTMLElement {
  const rows = hops.map((hop, place) => hopRow(page, hop, `chain ${index} ${place}`));
  return html(
    "section",
    { class: holds ? "card" : "card broken" },
    html("h3", {}, `Chain ${index + 1}: `, holds ? "deadlines hold" : html("strong", { class: "danger" }, "a deadline does not hold")),
    table(`Chain ${index + 1}`, chainHeads, rows),
    circle !== undefined &&
      html("p", { class: "small" }, "It goes round in a circle: ", link(page, circle, `chain ${index} circle`), " is on the way already."),
  );
}

function hopRow(page: Page, hop: ChainStep, key: string): readonly Content[] {
  const known = hop.kind === "http" || hop.kind === "grpc";
  const time = (value: number | undefined): string => (known ? millisText(value) : "");
  const port = hop.port !== undefined && html("span", { class: "small" }, ` :${hop.port}`);
  return [
    link(page, hop.from, `${key} from`),
    html("span", {}, link(page, hop.to, `${key} to`), port),
    known ? millisText(hop.timeout) : hop.kind,
    hop.tries,
    time(hop.perTry),
    time(hop.longest),
    hop.requests,
    hop.remaining === undefined ? "" : millisText(hop.remaining),
    deadline(hop),
  ];
}

function deadline({ holds }: ChainStep): Content {
  if (holds === undefined) return "";
  return holds ? "holds" : html("strong", { class: "danger" }, "too long");
}
