import type { Topology } from "../topology";
import { detailsOf } from "./details";
import { html, replaceContent } from "./dom";
import { Drawing } from "./drawing";
import { groundStrip, nodesView } from "./ground";
import { counted, type Model, modelOf, parentOf } from "./model";
import { counters, type Page } from "./parts";
import { noFilter, searched, shown } from "./selection";
import { filters, hits, namespaceList } from "./sidebar";
import { firstState, fragmentOf, readFragment, type State, selecting, type View, views } from "./state";
import { deadlinesView, findingsView, servicesView } from "./tables";
import { themeButton } from "./theme";

const titles: Readonly<Record<View, string>> = {
  drawing: "Drawing",
  services: "Services",
  findings: "Findings",
  deadlines: "Deadlines",
  nodes: "Nodes",
};

/** The page: what it shows follows from its state, and every change goes through `#change`. */
class Picture {
  readonly #model: Model;
  readonly #drawing = new Drawing();
  readonly #ground = html("div", { class: "ground", role: "group", "aria-label": "Node pools" });
  readonly #panels = new Map<View, HTMLElement>();
  readonly #tabs = new Map<View, HTMLElement>();
  readonly #details = html("aside", { class: "details", "aria-label": "Details" });
  readonly #hits = html("div", {});
  readonly #filters = html("div", { class: "filters" });
  readonly #namespaces = html("div", {});
  readonly #search = html("input", {
    type: "search",
    id: "search",
    placeholder: "name, host or code",
    autocomplete: "off",
    spellcheck: "false",
  });
  #state: State;

  constructor(model: Model) {
    this.#model = model;
    this.#state = readFragment(model, firstState(model), location.hash);
    for (const view of views) {
      this.#panels.set(
        view,
        html("section", {
          id: `panel-${view}`,
          class: `panel ${view}`,
          role: "tabpanel",
          "aria-labelledby": `tab-${view}`,
          tabindex: view === "drawing" ? undefined : "0",
        }),
      );
      this.#tabs.set(view, this.#tab(view));
    }
    this.#panels.get("drawing")?.append(this.#drawing.element, this.#ground);
  }

  start(): void {
    document.body.append(
      this.#header(),
      html("div", { class: "desk" }, this.#sidebar(), html("main", {}, ...this.#panels.values()), this.#details),
    );
    addEventListener("hashchange", () => this.#follow());
    addEventListener("beforeprint", () => this.#drawing.fit());
    addEventListener("keydown", (event) => this.#shortcut(event));
    this.#render();
    this.#drawing.fit();
    if (this.#state.selected !== "") this.#drawing.reveal(this.#state.selected);
  }

  #header(): HTMLElement {
    const { istio, kubernetes, findings } = this.#model.topology;
    const tabs = html(
      "div",
      { class: "tabs", role: "tablist", "aria-label": "Views", keydown: (event) => this.#nextTab(event as KeyboardEvent) },
      ...this.#tabs.values(),
    );
    return html(
      "header",
      { class: "top" },
      html("h1", {}, "Mesh and nodes"),
      html("p", { class: "small" }, `Istio ${istio} · Kubernetes ${kubernetes}`),
      tabs,
      html("span", { class: "counters" }, ...counters(findings)),
      themeButton(),
    );
  }

  #sidebar(): HTMLElement {
    this.#search.addEventListener("input", () =>
      this.#change((state) => ({ ...state, filter: { ...state.filter, query: this.#search.value } })),
    );
    this.#search.addEventListener("keydown", (event) => this.#searchKey(event));
    return html(
      "nav",
      { class: "sidebar", "aria-label": "Search and filters" },
      html("label", { class: "field", for: "search" }, html("span", {}, "Search ", html("kbd", {}, "/")), this.#search),
      this.#hits,
      html("details", { open: innerWidth > 900 }, html("summary", {}, "Filters"), this.#filters),
      html(
        "details",
        { open: innerWidth > 900 },
        html("summary", {}, counted(this.#model.topology.namespaces.length, "namespace")),
        this.#namespaces,
      ),
    );
  }

  #tab(view: View): HTMLElement {
    return html(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${view}`,
        "aria-controls": `panel-${view}`,
        click: () => this.#change((state) => ({ ...state, view })),
      },
      titles[view],
    );
  }

  /** Arrow keys go from tab to tab, as they do wherever there are tabs. */
  #nextTab(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const view = views[(views.indexOf(this.#state.view) + step + views.length) % views.length] ?? "drawing";
    this.#change((state) => ({ ...state, view }));
    this.#tabs.get(view)?.focus();
  }

  #shortcut(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      this.#search.focus();
    } else if (event.key === "Escape" && !isTyping) this.#select("");
  }

  #searchKey(event: KeyboardEvent): void {
    const [first] = searched(this.#model, this.#state.filter.query);
    if (event.key === "Enter" && first !== undefined) this.#select(first.id);
    if (event.key !== "Escape") return;
    this.#search.value = "";
    this.#change((state) => ({ ...state, filter: { ...state.filter, query: "" } }));
  }

  #follow(): void {
    if (location.hash === fragmentOf(this.#state)) return;
    this.#state = readFragment(this.#model, this.#state, location.hash);
    this.#render();
    this.#drawing.reveal(this.#state.selected);
  }

  #change(next: (state: State) => State): void {
    this.#state = next(this.#state);
    this.#render();
    const fragment = fragmentOf(this.#state);
    if (location.hash !== fragment) history.pushState(undefined, "", fragment === "" ? location.pathname + location.search : fragment);
  }

  /** What was left out by the filter is shown again when somebody asks for it by name. */
  #select(id: string): void {
    const isHidden = id !== "" && !shown(this.#model, this.#state.filter).has(id);
    this.#change((state) => {
      const filter = isHidden ? { ...noFilter, query: state.filter.query } : state.filter;
      return selecting(this.#model, { ...state, filter }, id);
    });
    if (this.#state.view === "drawing") this.#drawing.reveal(id);
  }

  #render(): void {
    const page: Page = {
      model: this.#model,
      state: this.#state,
      shown: shown(this.#model, this.#state.filter),
      found: foundOf(this.#model, this.#state.filter.query),
      change: (next) => this.#change(next),
      select: (id) => this.#select(id),
    };
    for (const view of views) {
      const isCurrent = view === this.#state.view;
      this.#panels.get(view)?.toggleAttribute("hidden", !isCurrent);
      this.#tabs.get(view)?.setAttribute("aria-selected", String(isCurrent));
      this.#tabs.get(view)?.setAttribute("tabindex", isCurrent ? "0" : "-1");
    }
    this.#renderView(page);
    replaceContent(this.#details, ...detailsOf(page));
    replaceContent(this.#hits, ...hits(page));
    replaceContent(this.#filters, ...filters(page));
    replaceContent(this.#namespaces, ...namespaceList(page));
  }

  #renderView(page: Page): void {
    const { view } = page.state;
    if (view === "drawing") {
      const pools = groundStrip(page);
      this.#ground.toggleAttribute("hidden", pools.length === 0);
      replaceContent(this.#ground, ...pools);
      this.#drawing.show(page);
      return;
    }
    const content = { services: servicesView, findings: findingsView, deadlines: deadlinesView, nodes: nodesView }[view](page);
    const panel = this.#panels.get(view);
    if (panel !== undefined) replaceContent(panel, html("h2", { class: "unseen" }, titles[view]), ...content);
  }
}

function foundOf(model: Model, query: string): ReadonlySet<string> | undefined {
  if (query.trim() === "") return undefined;
  const found = searched(model, query);
  return new Set(found.flatMap((thing) => [thing.id, parentOf(thing) ?? thing.id]));
}

const data = document.getElementById("topology")?.textContent ?? "{}";
new Picture(modelOf(JSON.parse(data) as Topology)).start();
