import { at, text } from "../../checks/fields";
import type { ComparedObject, Consequence, ConsequenceRule } from "../consequence";
import { type FieldChange, itemText, type Path } from "../field-change";

/** Who may talk to whom: mTLS and policies. */
export const accessChanges: ConsequenceRule = (object) => {
  if (object.kind === "PeerAuthentication") return mtlsChanges(object);
  return object.kind === "AuthorizationPolicy" ? policyChanges(object) : [];
};

const modes: Readonly<Record<string, string>> = {
  STRICT: "callers without a sidecar are refused. Ask first: meshground mtls status.",
  PERMISSIVE: "plaintext is let in beside mTLS.",
  DISABLE: "callers that send mTLS are refused; everything goes in plaintext.",
  UNSET: "the mode of the namespace or the mesh counts.",
};

function mtlsChanges({ before, after, fields }: ComparedObject): readonly Consequence[] {
  if (after === undefined) return [];
  if (before === undefined) return consequenceOf("new, mTLS", text(at(after, "spec", "mtls", "mode")) ?? "UNSET");
  const isMode = ({ path }: FieldChange): boolean => path[0] === "spec" && (path[1] === "mtls" || path[1] === "portLevelMtls");
  const places = new Map(fields.filter(isMode).map(({ path }) => [placeOf(path), path]));
  return [...places].flatMap(([place, path]) => {
    const [from, to] = [modeAt(before, path), modeAt(after, path)];
    return from === to ? [] : consequenceOf(`${place} ${from} ->`, to);
  });
}

function consequenceOf(change: string, mode: string): readonly Consequence[] {
  return [{ level: "danger", text: `${change} ${mode}: ${modes[mode] ?? "Istio knows no such mode."}` }];
}

function placeOf([, field, port]: Path): string {
  return field === "mtls" || port === undefined ? "mTLS" : `mTLS of port ${typeof port === "string" ? port : itemText(port)}`;
}

function modeAt(object: unknown, [, field, port]: Path): string {
  const mode = field === "mtls" ? at(object, "spec", "mtls", "mode") : at(object, "spec", "portLevelMtls", String(port), "mode");
  return text(mode) ?? "UNSET";
}

function policyChanges({ before, after, fields }: ComparedObject): readonly Consequence[] {
  const action = (object: unknown): string => text(at(object, "spec", "action")) ?? "ALLOW";
  if (after === undefined) return [];
  if (before === undefined) {
    return action(after) === "ALLOW"
      ? [{ level: "danger", text: "new: only callers that it, or another ALLOW policy, names are let in." }]
      : [];
  }
  if (action(before) !== action(after)) return [{ level: "danger", text: `action ${action(before)} -> ${action(after)}` }];
  const decides = fields.some(
    ({ path: [first, second] }) => first === "spec" && (second === "rules" || second === "selector" || second === "targetRefs"),
  );
  return decides ? [{ level: "danger", text: "who is let in changes." }] : [];
}
