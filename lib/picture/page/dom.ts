import { safeText } from "../../checks/report/safe-text";

/** What an element may hold: text is shown as text, whatever it holds. */
export type Content = Node | string | number | false | undefined;

type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** An element of HTML. An attribute of false or undefined is left out, a function listens to the event that it is named after. */
export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, content);
}

/** An element of SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: readonly Content[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, content);
}

function filled<Made extends Element>(element: Made, attributes: Attributes, content: readonly Content[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : safeText(String(value)));
  }
  element.append(
    ...content.flatMap((item) => (item === undefined || item === false ? [] : [item instanceof Node ? item : safeText(String(item))])),
  );
  return element;
}

/** Puts new content in the place of the old. Whoever had the focus keeps it, where there is still something of the same key. */
export function replaceContent(parent: Element, ...content: readonly Content[]): void {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && parent.contains(focused) ? focused.dataset.key : undefined;
  parent.replaceChildren(
    ...content.flatMap((item) => (item === undefined || item === false ? [] : [item instanceof Node ? item : safeText(String(item))])),
  );
  if (key === undefined) return;
  for (const candidate of parent.querySelectorAll<HTMLElement>("[data-key]")) {
    if (candidate.dataset.key === key) candidate.focus({ preventScroll: true });
  }
}
