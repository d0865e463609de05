import type { PictureFinding, Version } from "../topology";
import { type Content, html } from "./dom";
import type { Model, Thing } from "./model";
import type { State } from "./state";

/** What a part of the page is made from, and what it may ask for. */
export interface Page {
  readonly model: Model;
  readonly state: State;
  /** Ids of what the filter leaves. */
  readonly shown: ReadonlySet<string>;
  /** Ids of what is searched for, and of the namespaces around it; undefined where nothing is. */
  readonly found: ReadonlySet<string> | undefined;
  /** Changes the state, and shows what it has become. */
  readonly change: (next: (state: State) => State) => void;
  readonly select: (id: string) => void;
}

/** A button that leads to a thing. */
export function link({ model, select, state }: Page, id: string, key: string): HTMLElement {
  const thing = model.byId.get(id);
  if (thing === undefined) return html("span", { class: "name" }, id.slice(id.indexOf(":") + 1));
  return html(
    "button",
    { type: "button", class: "link", "data-key": `${key} ${id}`, "aria-current": state.selected === id, click: () => select(id) },
    nameOf(thing),
  );
}

/** `shop/pricing`; a namespace, a host and a pool by their name alone. */
export function nameOf({ kind, name, namespace }: Thing): string {
  return (kind === "service" || kind === "gateway") && namespace !== "" ? `${namespace}/${name}` : name;
}

/** Mode of mTLS, as a mark that does not hang on colour. */
export function modeTag(mode: string): HTMLElement {
  return html("span", { class: `tag mode-${mode.toLowerCase()}` }, mode);
}

/** Shares of the versions as a bar, and in words. */
export function versionBar(versions: readonly Version[]): HTMLElement | undefined {
  if (versions.length < 2 || versions.every(({ weight }) => weight === undefined)) return undefined;
  const bar = html("span", { class: "bar", "aria-hidden": "true" });
  for (const [index, { weight = 0 }] of versions.entries()) {
    const part = html("span", { class: `share share-${index % 4}` });
    part.style.flexGrow = String(weight);
    bar.append(part);
  }
  return bar;
}

/** `v1 95 %, v2 5 %`. */
export function versionText(versions: readonly Version[]): string {
  return versions.map(({ name, weight }) => (weight === undefined ? name : `${name} ${weight} %`)).join(", ");
}

/** Numbers of errors, warnings and notes that nobody accepted. */
export function counters(findings: readonly PictureFinding[]): readonly Content[] {
  return (["error", "warning", "note"] as const).map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity && finding.accepted === undefined).length;
    const words = `${count} ${severity}${count === 1 ? "" : "s"}`;
    return count > 0 && html("span", { class: `counter ${severity}`, title: words, role: "img", "aria-label": words }, count);
  });
}

/** A finding with its way out. */
export function findingArticle(page: Page, finding: PictureFinding, key: string): HTMLElement {
  const { code, severity, at, object, field, place, message, fix, accepted } = finding;
  return html(
    "article",
    { class: `finding ${accepted === undefined ? severity : "accepted"}` },
    html(
      "header",
      {},
      html("span", { class: "severity" }, accepted === undefined ? severity : `accepted ${severity}`),
      html("code", { class: "code" }, code),
      at === undefined ? html("span", { class: "name" }, object) : link(page, at, key),
    ),
    html("p", { class: "where" }, [object, field, place].filter((part) => part !== undefined).join(" · ")),
    html("p", {}, message),
    accepted === undefined
      ? html("p", { class: "fix" }, html("strong", {}, "What to do: "), fix)
      : html("p", { class: "fix" }, html("strong", {}, "Accepted: "), accepted),
  );
}

/** Terms with what is said of them; what nobody says is left out. */
export function facts(entries: readonly (readonly [string, Content | readonly Content[]])[]): HTMLElement {
  return html(
    "dl",
    { class: "facts" },
    ...entries.flatMap(([term, value]) => {
      const content = Array.isArray(value) ? (value as readonly Content[]) : [value as Content];
      if (content.every((item) => item === undefined || item === false || item === "")) return [];
      return [html("dt", {}, term), html("dd", {}, ...content)];
    }),
  );
}

/** A table with a caption for those who cannot see it. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly Content[])[]): HTMLElement {
  const head = html("tr", {}, ...heads.map((text) => html("th", { scope: "col" }, text)));
  const body = rows.map((cells) =>
    html("tr", {}, ...cells.map((cell, index) => (index === 0 ? html("th", { scope: "row" }, cell) : html("td", {}, cell)))),
  );
  return html(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    html("table", {}, html("caption", {}, caption), html("thead", {}, head), html("tbody", {}, ...body)),
  );
}
