import { all, type Check, mapOf, matching, satisfies } from "./check";

const label = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const labelPattern = new RegExp(`^${label}$`);
const subdomainPattern = new RegExp(`^${label}(?:\\.${label})*$`);
const rfc1123 = "lower-case letters, digits and dashes, starting and ending with a letter or digit";

/** Whether the text is an RFC 1123 label: what names a namespace, a Service, a subset. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && labelPattern.test(text);
}

/** An RFC 1123 label: what names a namespace, a Service, a subset. */
export const dnsLabel: Check = matching(labelPattern, `a name of at most 63 characters (RFC 1123): ${rfc1123}`, 63);

/** An RFC 1123 subdomain: what names most other objects. */
export const dnsSubdomain: Check = matching(subdomainPattern, `a name of at most 253 characters (RFC 1123): ${rfc1123}, with dots`);

/** A Service's port name (RFC 6335): at most 15 characters. */
export const portName: Check = all(
  matching(
    /^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9])*$/,
    "a port name of at most 15 characters: lower-case letters, digits and single dashes, with a letter",
    15,
  ),
);

/** A DNS host name, without a wildcard. */
export const hostName: Check = matching(subdomainPattern, "a host name such as shop.example.no");

/** A DNS host name whose first label may be `*`. */
export const hostPattern: Check = matching(
  new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$`),
  "a host name such as shop.example.no or *.example.no",
);

/** A label's value: at most 63 characters. */
export const labelValue: Check = matching(
  /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/,
  "a label value: at most 63 letters, digits, dashes, underscores and dots, starting and ending with a letter or digit",
  63,
);

/** A label's or annotation's key, with an optional DNS prefix. */
export const labelKey: Check = satisfies("a label key such as example.no/tier", (value) => {
  if (typeof value !== "string") return false;
  const slash = value.indexOf("/");
  const name = value.slice(slash + 1);
  const prefix = slash < 0 ? undefined : value.slice(0, slash);
  return (
    /^[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && subdomainPattern.test(prefix)))
  );
});

/** Labels as Kubernetes takes them. */
export const labels: Check = mapOf(labelKey, labelValue);

/** A container image reference. Refuses spaces, quotes and control characters; the registry judges the rest. */
export const image: Check = matching(
  /^[a-z0-9][-a-z0-9._]*(?::\d{1,5})?(?:\/[a-z0-9][-a-z0-9._]*)*(?::[\w][-\w.]{0,127})?(?:@sha256:[0-9a-f]{64})?$/i,
  "an image such as registry.example.no/shop/pricing:2.4.1 or …@sha256:…",
  512,
);

/** An HTTP header's name (RFC 9110 token), as HTTP/2 writes it: in lower case. */
export const headerName: Check = matching(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, "a header name in lower case", 128);
