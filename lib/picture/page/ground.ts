import type { Amount, Capacity, PoolNode } from "../topology";
import { type Content, html } from "./dom";
import { facts, link, type Page, table } from "./parts";
import { bytesText } from "./words";

const reachWords = {
  node: "whole node, pods included",
  "network-namespace": "node only: each pod keeps the kernel's own",
  unknown: "not known",
} as const;

/** Cards of the pools, for the strip below the drawing. */
export function groundStrip(page: Page): readonly Content[] {
  const { model, state, shown, select } = page;
  const used = poolsOfSelected(page);
  return model.topology.pools
    .filter(({ id }) => shown.has(id))
    .map((pool) =>
      html(
        "button",
        {
          type: "button",
          class: `pool${used.has(pool.id) ? " used" : ""}${state.selected === pool.id ? " selected" : ""}`,
          "data-key": `pool ${pool.id}`,
          "aria-pressed": String(state.selected === pool.id),
          click: () => select(pool.id),
        },
        html(
          "span",
          { class: "row" },
          html("span", { class: "label" }, pool.name),
          pool.country !== undefined && html("span", { class: "tag" }, pool.country),
        ),
        html("span", { class: "row small" }, machineText(pool)),
      ),
    );
}

/** Pools that the pods of the selected service may run on. */
function poolsOfSelected({ model, state }: Page): ReadonlySet<string> {
  const thing = model.byId.get(state.selected);
  return new Set(thing?.kind === "service" ? thing.data.pools : []);
}

/** `3 × 8 cores, 32Gi`. */
function machineText({ nodes, cores, memory }: PoolNode): string {
  const size = [cores === undefined ? "" : `${cores} cores`, memory === undefined ? "" : bytesText(memory)].filter((part) => part !== "");
  const count = nodes === undefined ? "" : `${nodes} × `;
  return size.length === 0 ? (nodes === undefined ? "size not known" : `${nodes} nodes`) : `${count}${size.join(", ")}`;
}

/** Everything of the nodes: what each pool is, what its kernel is told and how far that reaches, what is asked of it. */
export function nodesView(page: Page): readonly Content[] {
  const { pools, residency, leftOut } = page.model.topology;
  const listed = pools.filter(({ id }) => page.shown.has(id));
  if (pools.length === 0) {
    return [
      html(
        "p",
        { class: "empty" },
        "Nothing is said of nodes. A TunedNodePool of a tree, or a document of kind NodePool beside YAML files, says what they are.",
      ),
    ];
  }
  return [
    residency.length > 0 && html("p", { class: "lead" }, `Nodes have to stand in ${residency.join(", ")}.`),
    ...listed.map((pool) => poolSection(page, pool)),
    leftOut.pools > 0 && html("p", { class: "lead" }, `${leftOut.pools} more are left out.`),
  ];
}

function poolSection(page: Page, pool: PoolNode): HTMLElement {
  const rows = pool.kernel.map(({ key, value, floor, reach, pods, what = "" }) => [
    html("code", { title: what }, key),
    html("code", {}, `${floor === true ? "at least " : ""}${value}`),
    html("span", { class: `reach ${reach}` }, reachWords[reach]),
    pods === undefined ? "" : html("code", {}, pods),
  ]);
  return html(
    "section",
    { class: "card" },
    html("h3", {}, link(page, pool.id, "nodes")),
    poolFacts(page, pool),
    rows.length > 0 && table(`Kernel of ${pool.name}`, ["key", "value", "how far it reaches", "pods ask for"], rows),
  );
}

/** What a pool is, and what is asked of it. */
export function poolFacts({ model }: Page, pool: PoolNode): HTMLElement {
  const own = model.topology.capacity.filter(({ pools }) => pools.includes(pool.id));
  return facts([
    ["Country", pool.country],
    ["Machines", machineText(pool)],
    ["Runs", pool.role],
    ["Taints", pool.taints.join(", ")],
    ...own.map((one) => [capacityTitle(model.topology.pools, one), meters(one)] as const),
  ]);
}

function capacityTitle(all: readonly PoolNode[], { pools }: Capacity): string {
  if (pools.length === 1) return "Asked of it";
  const names = all.filter(({ id }) => pools.includes(id)).map(({ name }) => name);
  return `Asked of ${names.slice(0, 3).join(", ")}${names.length > 3 ? " and others" : ""}`;
}

function meters({ cores, memory, pods }: Capacity): HTMLElement {
  return html(
    "span",
    { class: "meters" },
    meter("cores", cores, (value) => String(value)),
    meter("memory", memory, bytesText),
    meter("pods", pods, (value) => String(value)),
  );
}

function meter(name: string, { asked, has }: Amount, text: (value: number) => string): HTMLElement {
  const words = has === undefined ? `${text(asked)} ${name}` : `${text(asked)} of ${text(has)} ${name}`;
  if (has === undefined) return html("span", { class: "meter" }, words);
  const bar = html("span", { class: "fill" });
  bar.style.width = `${Math.min(100, (100 * asked) / Math.max(has, 1e-9))}%`;
  return html("span", { class: `meter${asked > has ? " over" : ""}` }, html("span", { class: "track", "aria-hidden": "true" }, bar), words);
}
