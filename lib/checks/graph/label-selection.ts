import { record, records, text, texts } from "../fields";
import { labelSelector } from "./selector-index";

/** A selector of Kubernetes: labels that must be there, and conditions on others. */
export interface Selection {
  readonly labels: Readonly<Record<string, string>>;
  readonly holds: (labels: Readonly<Record<string, string>>) => boolean;
}

/** Reads `matchLabels` and `matchExpressions`. Undefined where either cannot be read: what is selected is then not known. */
export function selection(value: unknown): Selection | undefined {
  const { matchLabels, matchExpressions } = record(value);
  const labels = labelSelector(matchLabels);
  const conditions = records(matchExpressions).map(({ key, operator, values }) => condition(text(key), operator, texts(values)));
  if (labels === "unreadable" || conditions.some((one) => one === undefined)) return undefined;
  return { labels, holds: (carried) => conditions.every((one) => one?.(carried) ?? false) };
}

type Condition = (labels: Readonly<Record<string, string>>) => boolean;

function condition(key: string | undefined, operator: unknown, values: readonly string[]): Condition | undefined {
  if (key === undefined) return undefined;
  const of = (labels: Readonly<Record<string, string>>): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  if (operator === "Exists") return (labels) => of(labels) !== undefined;
  if (operator === "DoesNotExist") return (labels) => of(labels) === undefined;
  if (operator === "In") return (labels) => values.includes(of(labels) ?? "\0");
  return operator === "NotIn" ? (labels) => !values.includes(of(labels) ?? "\0") : undefined;
}
