import { isRecord } from "../../lib/core/check";
import { type Place, places, replaced } from "../istio/data-samples";
import { inPercent, oneOf, type Random } from "./differential-random";
import { likelyText, numbers, textsFor, unlikelyTexts } from "./differential-values";

/** What is read of a schema of Istio's CRDs. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string }[];
}

/** A spec that differs from another one in one place. */
export interface Edited {
  readonly spec: unknown;
  /** What was done, in words. */
  readonly change: string;
}

/** Values that a spec is likely to be sound with, or any that somebody might write by mistake. */
export type Care = "likely" | "any";

/** Changes one place of a spec at random. */
export function edited(spec: object, schema: Schema, { random, care }: { random: Random; care: Care }): Edited {
  const place = oneOf(random, [[], ...places(spec)] as readonly Place[]);
  const at = { value: valueAt(spec, place), schema: schemaAt(schema, place), name: nameOf(place) };
  const { change, value } = place.length > 0 && inPercent(random, 12) ? gone : editOf(at, random, care);
  const where = place.length === 0 ? "the spec" : place.join(".");
  return { spec: value === removed ? without(spec, place) : replaced(spec, place, value), change: `${where}: ${change}` };
}

interface At {
  readonly value: unknown;
  readonly schema: Schema;
  readonly name: string;
}

interface Edit {
  readonly change: string;
  readonly value: unknown;
}

/** Stands for a value that is taken away. */
export const removed = Symbol("removed");
const gone: Edit = { change: "removed", value: removed };

function editOf(at: At, random: Random, care: Care): Edit {
  if (care === "any" && inPercent(random, 15)) {
    const value = oneOf(random, wrongTypes);
    return { change: `is ${JSON.stringify(value)}`, value };
  }
  if (Array.isArray(at.value)) return listEdit(at.value, at, random, care);
  if (isRecord(at.value))
    return at.schema.properties === undefined ? mapEdit(at.value, at, random, care) : fieldEdit(at.value, at, random, care);
  const value = madeOf(at.schema, at.name, { random, care, depth: 0 });
  return { change: `is ${short(value)}`, value };
}

/** Values that are no fit for most places. */
export const wrongTypes: readonly unknown[] = ["text", "", 7, 1.5, -1, true, null, [], {}, ["text"], { unknown: 1 }, [{}]];

function listEdit(list: readonly unknown[], { schema, name }: At, random: Random, care: Care): Edit {
  const last = list.at(-1);
  const item = (): unknown => madeOf(schema.items ?? {}, name, { random, care, depth: 0 });
  switch (random(care === "any" ? 5 : 3)) {
    case 0:
      return { change: "has no items", value: [] };
    case 1: {
      const more = item();
      return { change: `has ${short(more)} too`, value: [...list, more] };
    }
    case 2: {
      const first = item();
      return { change: `begins with ${short(first)}`, value: [first, ...list] };
    }
    case 3:
      return { change: "has its last item twice", value: last === undefined ? list : [...list, last] };
    default:
      return {
        change: "has its last item very often",
        value: last === undefined ? list : Array.from({ length: oneOf(random, [3, 17, 300]) }, () => last),
      };
  }
}

function mapEdit(map: Readonly<Record<string, unknown>>, { schema, name }: At, random: Random, care: Care): Edit {
  const keys = textsFor(name === "portLevelMtls" ? "portKeys" : "keys");
  const key = care === "any" && inPercent(random, 50) ? oneOf(random, unlikelyTexts) : oneOf(random, keys);
  const value = madeOf(schema.additionalProperties ?? {}, "value", { random, care, depth: 0 });
  return inPercent(random, 15)
    ? { change: "is empty", value: {} }
    : { change: `has ${JSON.stringify(key)}: ${short(value)} too`, value: { ...map, [key]: value } };
}

function fieldEdit(fields: Readonly<Record<string, unknown>>, { schema }: At, random: Random, care: Care): Edit {
  if (care === "any" && inPercent(random, 10)) return { change: "has a field that nobody knows", value: { ...fields, unknwon: 1 } };
  if (care === "any" && inPercent(random, 10)) return { change: "is empty", value: {} };
  const absent = Object.entries(schema.properties ?? {}).filter(([name]) => fields[name] === undefined);
  if (absent.length === 0) return { change: "is as it was", value: fields };
  const [name, field] = oneOf(random, absent);
  const value = madeOf(field, name, { random, care, depth: 0 });
  return { change: `has ${name}: ${short(value)} too`, value: { ...fields, [name]: value } };
}

interface Making {
  readonly random: Random;
  readonly care: Care;
  readonly depth: number;
}

/** A value as the schema describes it, or nearly so. */
function madeOf(schema: Schema, name: string, making: Making): unknown {
  const { random, care, depth } = making;
  const deeper = { ...making, depth: depth + 1 };
  if (schema.enum !== undefined)
    return care === "any" && inPercent(random, 30)
      ? oneOf(random, ["", "NOPE", schema.enum[0]?.toLowerCase()])
      : oneOf(random, schema.enum);
  switch (schema.type) {
    case "boolean":
      return random(2) === 0;
    case "integer":
    case "number":
      return oneOf(random, numbers[care]);
    case "array":
      return Array.from({ length: depth > 3 ? 1 : 1 + random(2) }, () => madeOf(schema.items ?? {}, name, deeper));
    case "object":
      return objectOf(schema, deeper);
    default:
      return schema["x-kubernetes-int-or-string"] === true ? oneOf(random, numbers[care]) : textOf(schema, name, making);
  }
}

function objectOf({ properties, additionalProperties }: Schema, making: Making): unknown {
  const { random, depth } = making;
  if (properties === undefined) {
    const key = oneOf(random, textsFor("keys"));
    return additionalProperties === undefined ? {} : { [key]: madeOf(additionalProperties, "value", making) };
  }
  const share = depth > 3 ? 25 : 45;
  const some = Object.entries(properties).filter(([name]) =>
    inPercent(random, usual.has(name) ? 85 : share / Math.sqrt(Object.keys(properties).length)),
  );
  return Object.fromEntries(some.map(([name, field]) => [name, madeOf(field, name, making)]));
}

/** Fields that most objects do not go without. */
const usual: ReadonlySet<string> = new Set([
  "host",
  "number",
  "name",
  "hosts",
  "protocol",
  "port",
  "destination",
  "route",
  "match",
  "mode",
  "value",
  "key",
  "issuer",
  "url",
  "percentage",
]);

function textOf(schema: Schema, name: string, { random, care }: Making): string {
  const isDuration = schema["x-kubernetes-validations"]?.some(({ rule }) => rule.includes("duration(")) === true;
  if (care === "any" && inPercent(random, 60)) return oneOf(random, unlikelyTexts);
  return isDuration ? oneOf(random, textsFor("duration")) : likelyText(random, name);
}

/** What is in one place of a value. */
export function valueAt(value: unknown, place: Place): unknown {
  return place.reduce((at: unknown, step) => (at as Readonly<Record<string | number, unknown>>)[step], value);
}

function schemaAt(schema: Schema, place: Place): Schema {
  return place.reduce<Schema>(
    (at, step) => (typeof step === "number" ? at.items : (at.properties?.[step] ?? at.additionalProperties)) ?? {},
    schema,
  );
}

function nameOf(place: Place): string {
  return String(place.findLast((step) => typeof step === "string") ?? "");
}

/** The value without what is in one place. */
export function without(value: unknown, [step, ...rest]: Place): unknown {
  const last = rest.length === 0;
  if (Array.isArray(value))
    return last ? value.filter((_, index) => index !== step) : value.map((entry, index) => (index === step ? without(entry, rest) : entry));
  const fields = Object.entries(value as object);
  return Object.fromEntries(
    fields.flatMap(([name, entry]) => (name !== step ? [[name, entry]] : last ? [] : [[name, without(entry, rest)]])),
  );
}

/** A value as JSON, cut when it is long. */
export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
