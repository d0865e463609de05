import { specialOutputValueSig, specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { isRecord } from "../../core/check";
import { join } from "../../core/problem";

/** Where a property stands: names of members and numbers of items, from the outside in. */
export type PropertyPath = readonly (string | number)[];

/** Properties as the engine sends them, with what it says about them taken off and kept beside. */
export interface OpenedProperties {
  /** Plain data. A value that is not known yet is `unknownValue`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What is secret, outermost only. */
  readonly secrets: readonly PropertyPath[];
  /** What is not known yet: it comes from a resource that does not exist so far. */
  readonly unknowns: readonly PropertyPath[];
}

/** Marks that the engine puts around a value. */
interface Marks {
  readonly secrets: PropertyPath[];
  readonly unknowns: PropertyPath[];
}

/** Takes the engine's marks off. */
export function openProperties(properties: unknown): OpenedProperties {
  const marks: Marks = { secrets: [], unknowns: [] };
  const values = opened(properties ?? {}, [], marks);
  return { values: isRecord(values) ? values : {}, ...marks };
}

/** Marks every value at one of the paths as a secret, so that the engine encrypts it in the state and hides it everywhere else. */
export function sealProperties(values: Readonly<Record<string, unknown>>, secrets: readonly PropertyPath[]): Record<string, unknown> {
  const paths = new Set(secrets.map(keyOf));
  return Object.fromEntries(definedEntries(values).map(([name, value]) => [name, sealed(value, [name], paths)]));
}

/** A path as problems and the engine's messages write it: `connection.jump.privateKey`. */
export function pathText(path: PropertyPath): string {
  return path.reduce<string>((text, step) => join(text, step), "");
}

/** Texts at and below the secret paths, and each line of a longer one, the longest first. */
export function secretTexts({ values, secrets }: Pick<OpenedProperties, "values" | "secrets">): readonly string[] {
  const texts = secrets.flatMap((path) => textsIn(valueAt(values, path)));
  const lines = texts.flatMap((text) => text.split(/\s*[\r\n]+\s*/));
  return [...new Set([...texts, ...lines])].sort((a, b) => b.length - a.length);
}

/** A text in which no secret stands. Secrets of fewer than four characters would blank out half of every sentence. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= 4).reduce((safe, secret) => safe.replaceAll(secret, "[secret]"), text);
}

/** The value at a path; undefined where there is none. */
function valueAt(values: unknown, path: PropertyPath): unknown {
  return path.reduce<unknown>(
    (value, step) => (Array.isArray(value) || isRecord(value) ? (value as Readonly<Record<string, unknown>>)[step] : undefined),
    values,
  );
}

function opened(value: unknown, path: PropertyPath, marks: Marks): unknown {
  if (value === unknownValue) marks.unknowns.push(path);
  if (Array.isArray(value)) return value.map((item, index) => opened(item, [...path, index], marks));
  if (!isRecord(value)) return value;
  const mark = value[specialSigKey];
  if (mark === specialSecretSig) return openedSecret(value.value, path, marks);
  if (mark === specialOutputValueSig) return openedOutput(value, path, marks);
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, opened(entry, [...path, name], marks)]));
}

/** What is secret inside a secret needs no mark of its own. */
function openedSecret(value: unknown, path: PropertyPath, marks: Marks): unknown {
  marks.secrets.push(path);
  return opened(value, path, { secrets: [], unknowns: marks.unknowns });
}

function openedOutput(output: Readonly<Record<string, unknown>>, path: PropertyPath, marks: Marks): unknown {
  const value = Object.hasOwn(output, "value") ? output.value : unknownValue;
  return output.secret === true ? openedSecret(value, path, marks) : opened(value, path, marks);
}

function sealed(value: unknown, path: PropertyPath, secrets: ReadonlySet<string>): unknown {
  if (secrets.has(keyOf(path))) return { [specialSigKey]: specialSecretSig, value: plain(value) };
  if (Array.isArray(value)) return value.map((item, index) => sealed(item, [...path, index], secrets));
  if (!isRecord(value)) return value;
  return Object.fromEntries(definedEntries(value).map(([name, entry]) => [name, sealed(entry, [...path, name], secrets)]));
}

/** Without undefined members, which the engine's wire form does not know. */
function plain(value: unknown): unknown {
  return sealed(value, [], new Set());
}

function definedEntries(value: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([, entry]) => entry !== undefined);
}

function keyOf(path: PropertyPath): string {
  return JSON.stringify(path);
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return value === unknownValue ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}
