import { type Model, parentOf } from "./model";
import { type Filter, noFilter } from "./selection";

/** The ways to look at a picture. */
export const views = ["drawing", "services", "findings", "deadlines", "nodes"] as const;

export type View = (typeof views)[number];

export interface State {
  readonly view: View;
  /** Id of what is looked at closely; empty for nothing. */
  readonly selected: string;
  /** Ids of the namespaces that are open. */
  readonly open: ReadonlySet<string>;
  readonly filter: Filter;
}

/** Services up to which everything is open at first. */
const mostOpen = 40;

/** How a picture is first seen: all of a small mesh, the namespaces of a large one. */
export function firstState({ topology }: Model): State {
  const all = topology.services.length <= mostOpen ? topology.namespaces.map(({ id }) => id) : [];
  return { view: "drawing", selected: "", open: new Set(all), filter: noFilter };
}

/** The state with something selected, and opened as far as it takes to see it. */
export function selecting(model: Model, state: State, id: string): State {
  const thing = model.byId.get(id);
  const parent = thing === undefined ? undefined : parentOf(thing);
  return { ...state, selected: thing === undefined ? "" : id, open: parent === undefined ? state.open : new Set([...state.open, parent]) };
}

/** The fragment of an address that leads back to a state: `#service:shop/pricing`, `#findings`, `#findings/pool:oslo`. */
export function fragmentOf({ view, selected }: State): string {
  const parts = [...(view === "drawing" ? [] : [view]), ...(selected === "" ? [] : [selected])];
  return parts.length === 0 ? "" : `#${encodeURI(parts.join("/"))}`;
}

/** What a fragment says; a fragment comes from outside, and one that says nothing leads to the drawing. */
export function readFragment(model: Model, state: State, fragment: string): State {
  const text = decoded(fragment.replace(/^#/, ""));
  const view = views.find((name) => text === name || text.startsWith(`${name}/`));
  const id = view === undefined ? text : text.slice(view.length + 1);
  return selecting(model, { ...state, view: view ?? "drawing" }, id);
}

function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return "";
  }
}
