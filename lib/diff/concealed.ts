import { record } from "../checks/fields";
import { isRecord } from "../core/check";
import type { FieldChange, Path } from "./field-change";

/** What stands in place of a secret. */
export const concealed: string = "(not shown)";

const secret = "password|passwd|passphrase|token|secret|private[_-]?key|api[_-]?key|access[_-]?key|certificate[_-]?key";
const secretName = new RegExp(`(?:${secret})$`, "i");
/** `--token=abc`, `password: abc`. */
const secretInText = new RegExp(`((?:${secret})["']?\\s*[:=]\\s*)(?=\\S)[^\\r\\n]+`, "gi");
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
/** `https://user:password@host`. */
const userInfo = /(\/\/)[^/\s@]+:[^/\s@]+@/g;

/** The annotation in which kubectl keeps the whole object. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** A change in which no secret stands: neither what a Secret holds, nor what is named like a password, nor a private key in a text. */
export function concealedChange(change: FieldChange, isSecret: boolean): FieldChange {
  if (change.kind === "moved") return change;
  const { path } = change;
  const hidden = (isSecret && isSecretField(path)) || isSecretPath(path);
  const shown = (value: unknown): unknown => concealedValue(value, hidden, isSecret && path.length === 0);
  if (change.kind === "added") return { ...change, after: shown(change.after) };
  if (change.kind === "removed") return { ...change, before: shown(change.before) };
  return { ...change, before: shown(change.before), after: shown(change.after) };
}

/** Whether an object is a Secret: its values are shown nowhere. */
export function isSecretObject({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
  return kind === "Secret" && apiVersion === "v1";
}

function isSecretField([first, second, third]: Path): boolean {
  return (
    first === "data" ||
    first === "stringData" ||
    (first === "metadata" && second === "annotations" && (third === lastApplied || third === undefined))
  );
}

function isSecretPath(path: Path): boolean {
  const [last, item] = [path.at(-1), path.at(-2)];
  if (typeof last !== "string") return typeof item === "string" && secretName.test(item);
  // A variable of the environment: its name says what its value is.
  const { name = "" } = typeof item === "object" ? (item.key ?? {}) : {};
  return secretName.test(last) || (last === "value" && secretName.test(name));
}

function concealedValue(value: unknown, isHidden: boolean, isWhole: boolean): unknown {
  if (typeof value === "string") return isHidden ? concealed : concealedText(value);
  if (Array.isArray(value)) return value.map((item) => concealedValue(item, isHidden, isWhole));
  if (!isRecord(value)) return isHidden && typeof value === "number" ? concealed : value;
  const isVariable = secretName.test(String(record(value).name ?? ""));
  const entries = Object.entries(value).map(([name, inner]) => {
    // A map of that name mostly says where the secret is: `secret: { secretName: db }`.
    const isNamed = !isRecord(inner) && (secretName.test(name) || (isVariable && name === "value"));
    return [name, concealedValue(inner, isHidden || isNamed || isWhole, isWhole)] as const;
  });
  return Object.fromEntries(entries);
}

function concealedText(text: string): string {
  return text.replace(privateKey, concealed).replace(userInfo, `$1${concealed}@`).replace(secretInText, `$1${concealed}`);
}
