import type { Membership } from "../../checks/graph/membership";
import { timeText } from "../../checks/graph/time-text";
import type { Edge, EdgeKind, PictureFinding } from "../topology";
import type { Kind } from "./model";

export const kindWords: Readonly<Record<Kind, string>> = {
  namespace: "Namespace",
  service: "Service",
  gateway: "Way in",
  external: "External host",
  outside: "Outside the mesh",
  pool: "Node pool",
};

export const edgeWords: Readonly<Record<EdgeKind, string>> = {
  declared: "declared call",
  exposed: "exposed",
  routed: "routed",
  allowed: "allowed, not known to call",
  seen: "visible, not known to call",
};

export const proxyWords: Readonly<Record<Membership, string>> = {
  sidecar: "sidecar",
  ambient: "ambient (ztunnel)",
  gateway: "gateway",
  proxyless: "proxyless gRPC",
  outside: "no proxy: plaintext",
  unknown: "not known",
};

export const modeWords: Readonly<Record<string, string>> = {
  STRICT: "mTLS only",
  PERMISSIVE: "mTLS and plaintext",
  DISABLE: "plaintext only",
  UNKNOWN: "not known",
};

/** `:8080 · 300ms · 3 tries`. */
export function edgeText({ port, timeout, tries, plaintext }: Edge): string {
  const parts = [
    port === undefined ? "" : `:${port}`,
    timeout === undefined ? "" : timeText(timeout),
    tries === undefined || tries === 1 ? "" : `${tries} tries`,
    plaintext === true ? "plaintext" : "",
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** What stands on a line: `300ms×3`, `plaintext:9090`. */
export function lineText({ port, timeout, tries = 1, plaintext }: Edge): string {
  const limits = `${timeout === undefined ? "" : timeText(timeout)}${tries > 1 ? `×${tries}` : ""}`;
  if (plaintext !== true) return limits;
  return `plaintext${port === undefined ? "" : `:${port}`}`;
}

export function millisText(time: number | undefined): string {
  return time === undefined ? "no limit" : timeText(time);
}

/** Bytes as Kubernetes writes them. */
export function bytesText(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 30 ? [2 ** 30, "Gi"] : [2 ** 20, "Mi"];
  return `${Math.round((bytes / size) * 10) / 10}${unit}`;
}

/** `2 errors, 1 warning`: what nobody accepted. */
export function findingCounts(findings: readonly PictureFinding[]): string {
  const open = findings.filter(({ accepted }) => accepted === undefined);
  const parts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = open.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  const accepted = findings.length - open.length;
  return [...parts, ...(accepted === 0 ? [] : [`${accepted} accepted`])].join(", ");
}
