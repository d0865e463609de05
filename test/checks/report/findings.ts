import type { Finding } from "../../../lib/core/finding";

/** A finding of a file. */
export const port: Finding = {
  code: "IST0112",
  severity: "error",
  path: "VirtualService shop/pricing",
  resource: { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "pricing" },
  field: "spec.http[0].route[0].destination.host",
  file: "shop/pricing.yaml",
  line: 3,
  column: 5,
  message: "pricing has the ports 8080, 9090, and the destination names none of them.",
  fix: "Set destination.port.number to one of the host's ports.",
  link: "docs/rules/IST0112.md",
};

/** One that was accepted. */
export const accepted: Finding = { ...port, code: "IST0102", severity: "note", suppressed: "made by another team" };

/** One of a tree, about no object. */
export const ofTree: Finding = {
  code: "MG0203",
  severity: "warning",
  path: "shop/mesh",
  message: "calls may leave for any host.",
  fix: "Set outbound to REGISTRY_ONLY.",
};

/** Every text in it is hostile. */
export const hostile: Finding = {
  code: "MG0010",
  severity: "error",
  path: "Service \u001b[2Jx\n::error::y",
  resource: { apiVersion: "v1", kind: "Service\u001b]0;x\u0007", namespace: "a\r\n::set-output name=x::y", name: "b\u202ec,d:e%25" },
  field: 'metadata.labels["\u009b31m"]',
  file: "a,b:c%\n\u001b[31m.yaml",
  line: 1,
  column: 1,
  message: "got \u001b[31m\n::warning::z.",
  fix: "Do \u0000 not\u2028 obey.",
  suppressed: undefined as never,
};
