import type { Construct } from "constructs";
import { type Check, mapOf, oneOf, satisfies } from "./check";
import { type Problem, problem, refuse } from "./problem";

/** How much a finding matters: an error stops the synth, a warning and a note are reported. */
export type Severity = "error" | "warning" | "note";

/** Something worth knowing about a construct: a fault, a risk that somebody accepted, or what the library cannot decide. */
export interface Finding {
  /** Stable code: Istio's own (`IST0101`) where Istio has one, else `MG…`. */
  readonly code: string;
  readonly severity: Severity;
  /** Path of the construct in the tree; for an object of a file its kind and name. */
  readonly path: string;
  /** The object that it is about. @default - the construct as a whole */
  readonly resource?: ResourceName;
  /** Path of the field in the object: `spec.http[0].timeout`. */
  readonly field?: string;
  /** Name of the file that the object was read from. */
  readonly file?: string;
  /** Place in the file. Unit: lines, from 1. */
  readonly line?: number;
  /** Unit: UTF-16 code units, from 1. */
  readonly column?: number;
  /** What is wrong, and what happens in production because of it. */
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
  /** Page of the rule that found it, in this package. */
  readonly link?: string;
  /** Why it was accepted all the same. A suppressed finding stays in the report. */
  readonly suppressed?: string;
}

/** What names an object. */
export interface ResourceName {
  /** `networking.istio.io/v1`. */
  readonly apiVersion: string;
  /** `VirtualService`. */
  readonly kind: string;
  /** As written. @default - the object names none */
  readonly namespace?: string;
  readonly name: string;
}

/** Code of a finding to the reason why it is accepted. */
export type Suppressions = Readonly<Record<string, string>>;

/** Findings of each tree, in the order in which they were made, with the construct that each is about. */
const findingsOf = new WeakMap<object, { readonly construct: Construct; readonly finding: Finding }[]>();

/** Records a finding on a construct. It shows in the report of the tree, as accepted where its code is given a reason. */
export function addFinding(construct: Construct, finding: Omit<Finding, "path">, suppressions: Suppressions = {}): void {
  const { root, path } = construct.node;
  const list = findingsOf.get(root) ?? [];
  findingsOf.set(root, list);
  const reason = suppressions[finding.code];
  if (reason !== undefined) accept(construct, finding.code, reason);
  list.push({ construct, finding: { ...finding, path, ...(reason !== undefined && { suppressed: reason }) } });
}

/** Every finding recorded below a construct, itself included, in the order in which they were made. */
export function findings(scope: Construct): readonly Finding[] {
  const all = findingsOf.get(scope.node.root) ?? [];
  return all.filter(({ construct }) => construct.node.scopes.includes(scope)).map(({ finding }) => finding);
}

/** Codes that constructs accept, with the reason. */
const acceptedBy = new WeakMap<object, Map<string, string>>();

const acceptancesOf = new WeakMap<object, Acceptance[]>();

/** What somebody wrote down as accepted, for a construct and all below it. */
export interface Acceptance {
  readonly construct: Construct;
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

/**
 * Accepts a code on a construct and everything below it, and says why. What is found stays in the report, with the reason.
 *
 * @throws InvalidInput when the code is none, or the reason is empty.
 * @example
 * ```ts
 * import { MeshApp, StrictMtlsNamespace, suppress } from "meshground";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * const shop = new StrictMtlsNamespace(app, "shop", { stage: "permissive" });
 * suppress(shop, "IST0101", "the Services are made by another team's chart");
 * ```
 */
export function suppress(construct: Construct, code: string, reason: string): void {
  refuse(construct.node.path, [
    ...(/^[A-Z][A-Z0-9_-]{1,39}$/.test(code) ? [] : [problem("code", code, 'the code of a finding, such as "IST0101"')]),
    ...(reason.trim() === "" ? [{ path: code, message: "a suppression needs a reason." }] : []),
  ]);
  accept(construct, code, reason);
  const { root, path } = construct.node;
  const all = acceptancesOf.get(root) ?? [];
  acceptancesOf.set(root, all);
  all.push({ construct, path, code, reason });
}

/** Why a construct, or one around it, accepts a code; undefined when none does. The nearest reason counts. */
export function acceptedReason(construct: Construct, code: string): string | undefined {
  for (let scope: Construct | undefined = construct; scope !== undefined; scope = scope.node.scope) {
    const reason = acceptedBy.get(scope)?.get(code);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Everything that was accepted by {@link suppress} in a tree, in that order. */
export function acceptances(root: Construct): readonly Acceptance[] {
  return acceptancesOf.get(root.node.root) ?? [];
}

function accept(construct: Construct, code: string, reason: string): void {
  const accepted = acceptedBy.get(construct) ?? new Map<string, string>();
  acceptedBy.set(construct, accepted);
  accepted.set(code, reason);
}

/** A fault that is refused unless its code is suppressed with a reason. */
export interface Fault extends Pick<Finding, "code" | "message" | "fix"> {
  /** Path of the prop that causes it. */
  readonly prop: string;
}

/** The faults that nobody accepted, as problems of the input. */
export function unaccepted(faults: readonly Fault[], suppressions: Suppressions = {}): readonly Problem[] {
  return faults
    .filter(({ code }) => (suppressions[code] ?? "").trim() === "")
    .map(({ code, prop, message, fix }) => ({
      path: prop,
      message: `${message} ${fix} (${code}; to accept it: suppress: { ${code}: "why" })`,
    }));
}

/** Suppressions of codes that a construct can show, each with a reason. A code that it never shows would be a suppression of nothing. */
export function suppressionsOf(...codes: readonly string[]): Check {
  const reason = satisfies("a reason, as text", (value) => typeof value === "string" && value.trim() !== "");
  return mapOf(oneOf(...codes), reason);
}

/** Records the accepted faults of a construct, so that they show in the report. */
export function recordAccepted(construct: Construct, faults: readonly Fault[], suppressions: Suppressions = {}): void {
  for (const { code, message, fix } of faults) {
    const reason = suppressions[code];
    if (reason === undefined) continue;
    accept(construct, code, reason);
    addFinding(construct, { code, message, fix, severity: "warning", suppressed: reason });
  }
}
