import type { ServiceNode } from "../topology";
import { type Content, html, replaceContent, svg } from "./dom";
import type { Point, Rectangle } from "./layered";
import { type Layout, layoutOf, pathData, type Way } from "./layout";
import { counted, type Model, type Thing } from "./model";
import { counters, modeTag, nameOf, type Page, versionBar, versionText } from "./parts";
import { type Link, type Scene, sceneOf } from "./scene";
import { Viewport } from "./viewport";
import { kindWords, lineText } from "./words";

/** Lines up to which each carries its words without being asked. */
const mostLabelled = 16;

/** The drawing: boxes as buttons above lines of SVG. */
export class Drawing {
  readonly element: HTMLElement;
  readonly #canvas: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #note: HTMLElement;
  readonly #viewport: Viewport;
  #drawn: { readonly key: string; readonly scene: Scene; readonly layout: Layout } | undefined;

  constructor() {
    this.#canvas = html("div", { class: "canvas" });
    this.#frame = html(
      "div",
      {
        class: "frame",
        tabindex: "0",
        role: "group",
        "aria-label": "Drawing. Arrow keys move it, plus and minus zoom, 0 shows all of it.",
      },
      this.#canvas,
    );
    this.#viewport = new Viewport(this.#frame, this.#canvas);
    this.#note = html("p", { class: "empty", role: "status" });
    this.element = html("div", { class: "drawing" }, this.#frame, this.#note, this.#controls());
  }

  /** Draws a page. What is where is worked out again only where other boxes are shown. */
  show(page: Page): void {
    const { model, shown, state } = page;
    const scene = sceneOf(model, shown, state.open);
    const key = JSON.stringify(scene.top.map(({ thing, inner }) => [thing.id, inner.map((box) => box.thing.id)]));
    const isNew = this.#drawn?.key !== key;
    const wordsOf = scene.links.length <= mostLabelled ? linkText : (): string => "";
    const layout = isNew || this.#drawn === undefined ? layoutOf(scene, wordsOf) : this.#drawn.layout;
    this.#drawn = { key, scene, layout };
    replaceContent(
      this.#canvas,
      lines(page, layout),
      ...scene.top.flatMap((box) => [
        boxOf(page, box.thing, layout, box.inner.length > 0),
        ...box.inner.map((one) => boxOf(page, one.thing, layout, false)),
      ]),
    );
    this.#canvas.style.width = `${layout.width}px`;
    this.#canvas.style.height = `${layout.height}px`;
    this.#viewport.resize(layout);
    this.#note.textContent = scene.top.length === 0 ? "Nothing is left to draw. Fewer filters show more." : "";
    if (isNew) this.#viewport.fit();
  }

  /** Shows all of the drawing. */
  fit(): void {
    this.#viewport.fit();
  }

  /** Brings a thing into view. */
  reveal(id: string): void {
    const box = this.#drawn?.layout.boxes.get(id);
    if (box !== undefined) this.#viewport.reveal(box);
  }

  #controls(): HTMLElement {
    const button = (text: string, label: string, click: () => void): HTMLElement =>
      html("button", { type: "button", "aria-label": label, title: label, click }, text);
    return html(
      "div",
      { class: "zoom", role: "group", "aria-label": "Zoom" },
      button("+", "Zoom in", () => this.#viewport.zoom(1.25)),
      button("−", "Zoom out", () => this.#viewport.zoom(0.8)),
      button("Fit", "Show all of the drawing", () => this.#viewport.fit()),
    );
  }
}

function lines(page: Page, { ways, width, height }: Layout): SVGElement {
  const { selected } = page.state;
  const near = new Set([selected, ...insideOf(page.model, selected)]);
  const isNear = ({ from, to }: Link): boolean => near.has(from) || near.has(to);
  const ordered = [...ways.filter(({ link }) => !isNear(link)), ...ways.filter(({ link }) => isNear(link))];
  const anyNear = selected !== "" && ways.some(({ link }) => isNear(link));
  return svg(
    "svg",
    {
      class: anyNear ? "lines focused" : "lines",
      width,
      height,
      viewBox: `0 0 ${Math.max(1, width)} ${Math.max(1, height)}`,
      "aria-hidden": "true",
    },
    svg("defs", {}, ...["plain", "near", "plaintext", "late"].map(arrowHead)),
    ...ordered.flatMap((way) => line(way, anyNear && isNear(way.link), ways.length <= mostLabelled)),
  );
}

/** Ids of the services of a namespace. */
function insideOf({ things }: Model, id: string): readonly string[] {
  return things.filter((thing) => thing.kind === "service" && thing.data.parent === id).map((thing) => thing.id);
}

function arrowHead(name: string): SVGElement {
  const shape = svg("path", { d: "M0,0 L8,3.5 L0,7 Z", class: `head ${name}` });
  return svg(
    "marker",
    {
      id: `head-${name}`,
      viewBox: "0 0 8 7",
      refX: 8,
      refY: 3.5,
      markerWidth: 9,
      markerHeight: 8,
      markerUnits: "userSpaceOnUse",
      orient: "auto-start-reverse",
    },
    shape,
  );
}

function line({ link, points, words }: Way, near: boolean, labelled: boolean): readonly Content[] {
  const fault = faultOf(link);
  const path = svg("path", {
    class: ["line", near ? "near" : "", isMaybe(link) ? "maybe" : "", fault].filter((name) => name !== "").join(" "),
    d: pathData(points),
    "stroke-width": Math.min(5, 1.3 + Math.log2(link.edges.length) * 0.6),
    "marker-end": `url(#head-${fault === "" ? (near ? "near" : "plain") : fault})`,
  });
  const text = labelled || near ? linkText(link) : "";
  const { x, y } = words ?? middleOf(points);
  return text === "" ? [path] : [path, svg("text", { class: near ? "words near" : "words", x, y: y + 4, "text-anchor": "middle" }, text)];
}

/** The worst of what the edges of a link are. */
function faultOf({ edges }: Link): "plaintext" | "late" | "" {
  if (edges.some(({ plaintext }) => plaintext)) return "plaintext";
  return edges.some(({ late }) => late) ? "late" : "";
}

/** Whether it is not known of any of the edges that requests go there. */
function isMaybe({ edges }: Link): boolean {
  return edges.every(({ kind }) => kind === "allowed" || kind === "seen");
}

/** Above the middle of a line that no room was left on. */
function middleOf(points: readonly Point[]): Point {
  const [before, after] = [points[Math.ceil(points.length / 2) - 1], points[Math.floor(points.length / 2)]];
  if (before === undefined || after === undefined) return { x: 0, y: 0 };
  return { x: (before.x + after.x) / 2, y: (before.y + after.y) / 2 - 12 };
}

/** Of one edge its limits, of several their number. */
function linkText({ edges }: Link): string {
  const [only, ...others] = edges;
  if (only === undefined) return "";
  return others.length > 0 ? String(edges.length) : lineText(only);
}

function boxOf(page: Page, thing: Thing, layout: Layout, isOpen: boolean): HTMLElement {
  const place = layout.boxes.get(thing.id) ?? { x: 0, y: 0, width: 0, height: 0 };
  if (isOpen) return openNamespace(page, thing, place);
  const { state, model, select, change } = page;
  const isNamespace = thing.kind === "namespace" && thing.data.services > 0;
  const toggle = (): void => change((before) => ({ ...before, open: new Set([...before.open, thing.id]) }));
  const button = html(
    "button",
    {
      type: "button",
      class: `box ${thing.kind}${isDim(page, thing) ? " dim" : ""}${modeClass(thing)}`,
      "data-key": `box ${thing.id}`,
      "aria-pressed": isNamespace ? undefined : state.selected === thing.id ? "true" : "false",
      "aria-expanded": isNamespace ? "false" : undefined,
      "aria-label": boxLabel(model, thing),
      click: () => {
        if (isNamespace) toggle();
        select(thing.id);
      },
    },
    ...boxContent(model, thing),
  );
  if (state.selected === thing.id) button.classList.add("selected");
  return placed(button, place);
}

/** What is searched for dims the rest. */
function isDim({ found }: Page, { id }: Thing): boolean {
  return found !== undefined && !found.has(id);
}

function modeClass(thing: Thing): string {
  return thing.kind === "service" || thing.kind === "namespace" ? ` mode-${thing.data.mtls.toLowerCase()}` : "";
}

function boxLabel({ findings }: Model, thing: Thing): string {
  const count = (findings.get(thing.id) ?? []).filter(({ accepted }) => accepted === undefined).length;
  const mode = thing.kind === "service" || thing.kind === "namespace" ? `, mTLS ${thing.data.mtls}` : "";
  return `${kindWords[thing.kind]} ${nameOf(thing)}${mode}${count === 0 ? "" : `, ${counted(count, "finding")}`}`;
}

function openNamespace({ state, change, select, model }: Page, thing: Thing, place: Rectangle): HTMLElement {
  const close = (): void => {
    change((before) => ({ ...before, open: new Set([...before.open].filter((id) => id !== thing.id)) }));
  };
  const isSelected = state.selected === thing.id;
  const header = html(
    "div",
    { class: "title" },
    html(
      "button",
      {
        type: "button",
        class: "toggle",
        "data-key": `box ${thing.id}`,
        "aria-expanded": "true",
        "aria-label": `Close namespace ${thing.name}`,
        click: close,
      },
      "−",
    ),
    html(
      "button",
      {
        type: "button",
        class: "label",
        "data-key": `title ${thing.id}`,
        "aria-pressed": String(isSelected),
        click: () => select(thing.id),
      },
      thing.name,
    ),
    thing.kind === "namespace" && modeTag(thing.data.mtls),
    html("span", { class: "counters" }, ...counters(model.findings.get(thing.id) ?? [])),
  );
  return placed(
    html(
      "div",
      { class: `region${modeClass(thing)}${isSelected ? " selected" : ""}`, role: "group", "aria-label": `Namespace ${thing.name}` },
      header,
    ),
    place,
  );
}

function boxContent(model: Model, thing: Thing): readonly Content[] {
  const marks = html("span", { class: "counters" }, ...counters(model.findings.get(thing.id) ?? []));
  const title = html("span", { class: "row" }, html("span", { class: "label" }, thing.name), marks);
  const kicker = (words: string): HTMLElement => html("span", { class: "kicker" }, words);
  switch (thing.kind) {
    case "service":
      return [title, ...serviceContent(model, thing.data)];
    case "namespace":
      return [title, html("span", { class: "row small" }, modeTag(thing.data.mtls), counted(thing.data.services, "service"))];
    case "gateway": {
      const [first = "", ...others] = thing.data.hosts;
      const hosts = others.length > 0 ? `${first} +${others.length}` : first;
      return [kicker(thing.data.kind), title, html("span", { class: "row small" }, html("span", { class: "words" }, hosts))];
    }
    default:
      return [kicker(kindWords[thing.kind]), title];
  }
}

function serviceContent(model: Model, service: ServiceNode): readonly Content[] {
  const { versions } = service;
  const words = versions.length > 1 ? versionText(versions) : (versions[0]?.name ?? "");
  const open = openness(model, service);
  const tag = open !== "" && html("span", { class: "tag warn" }, open);
  return [html("span", { class: "row small" }, html("span", { class: "words" }, words), tag), versionBar(versions)];
}

/** How a service takes more than mTLS; empty where it does not, or where its namespace says so already. */
function openness(model: Model, { parent, proxy, plaintext = [], mtls }: ServiceNode): string {
  if (proxy === "outside") return "no proxy";
  if (plaintext.length > 0) return `plaintext ${plaintext.map(({ port }) => port).join(", ")}`;
  const namespace = model.byId.get(parent);
  return mtls === "STRICT" || (namespace?.kind === "namespace" && namespace.data.mtls === mtls) ? "" : mtls;
}

function placed<Made extends HTMLElement>(element: Made, { x, y, width, height }: Rectangle): Made {
  Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  return element;
}
