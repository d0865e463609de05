import { isIPv6 } from "node:net";

const scheme = /^([A-Za-z][-A-Za-z0-9+.]*):/;
const userInfo = /^[-\w.:~!$&'()*+,;=%@]*$/;
/** Characters that stand in a host as they are; those beyond ASCII do too. */
const host = /^(?:[-\w.~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}]|%25|%[89A-Fa-f][\dA-Fa-f])*$/u;
const port = /^(?::\d*)?$/;

/**
 * Scheme of an address as Go reads it, in lower case; empty for a path, and undefined for what Go refuses.
 *
 * API servers and istiod read addresses this way, which is not how browsers and Node do.
 *
 * @see https://pkg.go.dev/net/url@go1.26.0#ParseRequestURI
 */
export function schemeOfGo(address: string): string | undefined {
  if (address === "*") return "";
  if (address === "" || address.startsWith(":") || hasControls(address)) return undefined;
  const [whole = "", name = ""] = scheme.exec(address) ?? [];
  const [rest = ""] = address.slice(whole.length).split("?");
  if (!rest.startsWith("/")) return name === "" ? undefined : name.toLowerCase();
  const [, authority, path = ""] = name === "" ? ["", "", rest] : (/^(?:\/\/([^/]*))?(.*)$/s.exec(rest) ?? []);
  return isEscaped(path) && isAuthority(authority ?? "", name.toLowerCase()) ? name.toLowerCase() : undefined;
}

function hasControls(text: string): boolean {
  return [...text].some((character) => character < " " || character === "\x7f");
}

function isEscaped(text: string): boolean {
  return !/%(?![\dA-Fa-f]{2})/.test(text);
}

function isAuthority(authority: string, scheme: string): boolean {
  const at = authority.lastIndexOf("@");
  const user = authority.slice(0, Math.max(at, 0));
  return userInfo.test(user) && isEscaped(user) && isHostAndPort(authority.slice(at + 1), scheme);
}

function isHostAndPort(text: string, scheme: string): boolean {
  if (text.includes("[")) {
    const [, address = "", rest = ""] = /^\[(.*)\](.*)$/s.exec(text) ?? [];
    const [plain = "", ...zone] = address.split("%25");
    return isIPv6(plain) && zone.every((part) => host.test(part)) && port.test(rest);
  }
  const isWeb = scheme === "http" || scheme === "https";
  const colon = isWeb ? text.indexOf(":") : text.lastIndexOf(":");
  return host.test(text) && port.test(colon < 0 ? "" : text.slice(colon));
}
