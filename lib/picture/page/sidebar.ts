import type { MutualTlsMode } from "../../checks/graph/mutual-tls";
import type { Severity } from "../../core/finding";
import { type Content, html } from "./dom";
import { counted, type Kind } from "./model";
import { counters, link, type Page } from "./parts";
import { type Filter, noFilter, searched } from "./selection";
import { kindWords } from "./words";

const mostHits = 40;

/** What is typed leads to: a list of things. */
export function hits(page: Page): readonly Content[] {
  const { model, state } = page;
  if (state.filter.query.trim() === "") return [];
  const found = searched(model, state.filter.query);
  const items = found
    .slice(0, mostHits)
    .map((thing) => html("li", {}, link(page, thing.id, "hit"), html("span", { class: "small" }, kindWords[thing.kind])));
  return [
    html(
      "p",
      { class: "small", role: "status" },
      found.length === 0 ? "Nothing matches." : `${found.length} found${found.length > mostHits ? `, ${mostHits} listed` : ""}`,
    ),
    html("ul", { class: "list hits" }, ...items),
  ];
}

/** What is left out of the picture. */
export function filters(page: Page): readonly Content[] {
  const { model, state } = page;
  const names = model.topology.namespaces.map(({ name }) => name);
  const kinds = (Object.keys(kindWords) as Kind[]).filter(
    (kind) => kind !== "namespace" && model.things.some((thing) => thing.kind === kind),
  );
  const modes = ["STRICT", "PERMISSIVE", "DISABLE", "UNKNOWN"] as const;
  const used = modes.filter((mode) =>
    model.things.some((thing) => (thing.kind === "service" || thing.kind === "namespace") && thing.data.mtls === mode),
  );
  const isFiltered = state.filter !== noFilter && JSON.stringify(plain({ ...state.filter, query: "" })) !== JSON.stringify(plain(noFilter));
  return [
    choice(page, names),
    used.length > 1 &&
      boxes<MutualTlsMode>(page, {
        title: "Only mTLS",
        items: used,
        words: (mode) => mode,
        isSet: ({ stages }, mode) => stages.has(mode),
        flip: (filter, mode) => ({ ...filter, stages: flipped(filter.stages, mode) }),
      }),
    boxes<Severity>(page, {
      title: "Only with",
      items: ["error", "warning", "note"],
      words: (severity) => `${severity}s`,
      isSet: ({ severities }, severity) => severities.has(severity),
      flip: (filter, severity) => ({ ...filter, severities: flipped(filter.severities, severity) }),
    }),
    boxes<Kind>(page, {
      title: "Show",
      items: kinds,
      words: (kind) => kindWords[kind],
      isSet: ({ hidden }, kind) => !hidden.has(kind),
      flip: (filter, kind) => ({ ...filter, hidden: flipped(filter.hidden, kind) }),
    }),
    isFiltered &&
      html(
        "button",
        {
          type: "button",
          class: "wide",
          "data-key": "reset",
          click: () => page.change((before) => ({ ...before, filter: { ...noFilter, query: before.filter.query } })),
        },
        "Show everything",
      ),
  ];
}

function plain(filter: Filter): unknown {
  return Object.values(filter).map((value) => (value instanceof Set ? [...value] : value));
}

function flipped<Item>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  return set.has(item) ? new Set([...set].filter((one) => one !== item)) : new Set([...set, item]);
}

function choice({ state, change }: Page, names: readonly string[]): HTMLElement {
  const select = html(
    "select",
    { "data-key": "namespace", "aria-label": "Namespace", change: (event) => pick((event.target as HTMLSelectElement).selectedIndex) },
    html("option", { selected: state.filter.namespace === "" }, "all namespaces"),
    ...names.map((name) => html("option", { selected: state.filter.namespace === name }, name)),
  );
  const pick = (index: number): void =>
    change((before) => ({ ...before, filter: { ...before.filter, namespace: names[index - 1] ?? "" } }));
  return html("label", { class: "field" }, html("span", {}, "Namespace"), select);
}

/** A group of boxes that are ticked or not. */
interface Boxes<Item extends string> {
  readonly title: string;
  readonly items: readonly Item[];
  readonly words: (item: Item) => string;
  readonly isSet: (filter: Filter, item: Item) => boolean;
  readonly flip: (filter: Filter, item: Item) => Filter;
}

function boxes<Item extends string>({ state, change }: Page, { title, items, words, isSet, flip }: Boxes<Item>): HTMLElement {
  const box = (item: Item): HTMLElement =>
    html(
      "label",
      {},
      html("input", {
        type: "checkbox",
        "data-key": `${title} ${item}`,
        checked: isSet(state.filter, item),
        change: () => change((before) => ({ ...before, filter: flip(before.filter, item) })),
      }),
      words(item),
    );
  return html("fieldset", {}, html("legend", {}, title), ...items.map(box));
}

/** Namespaces, each with a button that opens or closes it. */
export function namespaceList(page: Page): readonly Content[] {
  const { model, state, change, shown } = page;
  const all = model.topology.namespaces.filter(({ id }) => shown.has(id));
  const flip = (id: string): void => change((before) => ({ ...before, open: flipped(before.open, id) }));
  const items = all.map(({ id, name, services }) =>
    html(
      "li",
      { class: "row" },
      html(
        "button",
        {
          type: "button",
          class: "toggle",
          "data-key": `open ${id}`,
          "aria-expanded": String(state.open.has(id)),
          "aria-label": `${state.open.has(id) ? "Close" : "Open"} namespace ${name}`,
          click: () => flip(id),
        },
        state.open.has(id) ? "−" : "+",
      ),
      link(page, id, "namespace"),
      html("span", { class: "small", title: counted(services, "service") }, services),
      html("span", { class: "counters" }, ...counters(model.findings.get(id) ?? [])),
    ),
  );
  const setAll = (open: boolean): void => change((before) => ({ ...before, open: new Set(open ? all.map(({ id }) => id) : []) }));
  return [
    html(
      "div",
      { class: "row" },
      html("button", { type: "button", "data-key": "open all", click: () => setAll(true) }, "Open all"),
      html("button", { type: "button", "data-key": "close all", click: () => setAll(false) }, "Close all"),
    ),
    html("ul", { class: "list" }, ...items),
  ];
}
