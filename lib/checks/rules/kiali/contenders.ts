import { type MeshObject, objectName } from "../../mesh-object";
import { listed } from "../policy/listed";

/** Objects that are looked through for the names of rivals. */
const enough = 8;

/** Objects that say something of one thing, and for each of them the others that some namespace sees beside it. Linear in their number. */
export class Contenders {
  readonly #objects: ReadonlySet<MeshObject>;
  readonly #first: readonly MeshObject[];
  readonly #exportsOf: (object: MeshObject) => readonly string[];
  readonly #byScope = new Map<string, number>();

  constructor(objects: readonly MeshObject[], exportsOf: (object: MeshObject) => readonly string[]) {
    this.#objects = new Set(objects);
    this.#exportsOf = exportsOf;
    this.#first = objects.slice(0, enough);
    for (const object of objects) for (const scope of this.#scopesOf(object)) this.#byScope.set(scope, (this.#byScope.get(scope) ?? 0) + 1);
  }

  /** Names of the others; undefined where there are none. */
  rivalsOf(object: MeshObject): string | undefined {
    const own = this.#scopesOf(object);
    if (!this.#hasRival(own, this.#objects.has(object) ? 1 : 0)) return undefined;
    const seen = this.#first.filter((other) => other !== object && meet(own, this.#scopesOf(other)));
    return seen.length === 0 ? "another one" : listed(seen.map(objectName));
  }

  /** Namespaces that see an object; `*` for all. */
  #scopesOf(object: MeshObject): ReadonlySet<string> {
    const exportTo = this.#exportsOf(object);
    if (exportTo.length === 0 || exportTo.includes("*")) return new Set(["*"]);
    return new Set(exportTo.map((scope) => (scope === "." ? object.namespace : scope)));
  }

  /** @param self 1 where the object itself is counted, else 0. */
  #hasRival(own: ReadonlySet<string>, self: 0 | 1): boolean {
    if (own.has("*")) return this.#objects.size > self;
    return this.#byScope.has("*") || [...own].some((scope) => (this.#byScope.get(scope) ?? 0) > self);
  }
}

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.has("*") || other.has("*") || [...one].some((scope) => other.has(scope));
}
