import { at, type Data, list, record, records } from "../../fields";
import type { SpecWarning } from "./spec-warning";

/** Attributes of a source that a proxy knows of a connection of TCP. */
const ofConnections = [
  "principals",
  "notPrincipals",
  "namespaces",
  "notNamespaces",
  "serviceAccounts",
  "notServiceAccounts",
  "ipBlocks",
  "notIpBlocks",
  "remoteIpBlocks",
  "notRemoteIpBlocks",
] as const;

/** Rules of a DENY that say nothing a connection of TCP has: what only HTTP has is taken to match there. */
export function* authorizationPolicyWarnings({ action, rules }: Data): Iterable<SpecWarning> {
  if (action !== "DENY") return;
  for (const [index, { from, to }] of records(rules).entries()) {
    const sources = objectsAt(from, "source");
    const operations = objectsAt(to, "operation");
    const bySource = sources.some((source) => someGiven(source, ofConnections));
    const byPort = operations.some((operation) => someGiven(operation, ["ports", "notPorts"]));
    const deniesAll = operations.length > 0 ? !byPort : sources.length > 0 && !bySource;
    if (!deniesAll) continue;
    yield {
      field: `spec.rules[${index}]`,
      message:
        "the rule denies by what only HTTP has. On a port that speaks TCP there is nothing of it to look at, and every connection is refused.",
      fix: "Name the ports that the rule is for in to.operation.ports.",
    };
  }
}

/** Key sets with the parts of a key that only its owner may have. */
export function* requestAuthenticationWarnings({ jwtRules }: Data): Iterable<SpecWarning> {
  for (const [index, { jwks }] of records(jwtRules).entries()) {
    for (const [place, key] of typeof jwks === "string" && jwks !== "" ? [...keysOf(jwks).entries()] : []) {
      if (!isPrivate(key)) continue;
      yield {
        field: `spec.jwtRules[${index}].jwks`,
        message: `key ${place} of the set is private: whoever may read the object can sign tokens with it. Proxies need public keys only.`,
        fix: "Take the key out of use, and write the public part of a new one, or its jwksUri.",
      };
    }
  }
}

function objectsAt(items: unknown, field: string): readonly Data[] {
  return records(items).flatMap((item) => (typeof item[field] === "object" && item[field] !== null ? [record(item[field])] : []));
}

function someGiven(part: Data, fields: readonly string[]): boolean {
  return fields.some((field) => list(part[field]).length > 0);
}

function keysOf(jwks: string): readonly unknown[] {
  let set: unknown;
  try {
    set = JSON.parse(jwks);
  } catch {
    return [];
  }
  const keys = at(set, "keys");
  return Array.isArray(keys) ? keys : [set];
}

function isPrivate(key: unknown): boolean {
  const { kty, d } = record(key);
  return kty === "oct" || (typeof kty === "string" && typeof d === "string" && d !== "");
}
