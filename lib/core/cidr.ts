import { isIP, isIPv4 } from "node:net";
import { type Check, satisfies } from "./check";

/** Whether the text is an address range: an address, a slash, and a prefix length that fits it. */
export function isCidr(text: string): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  if (rest.length > 0 || address.includes("%") || isIP(address) === 0 || !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return false;
  return Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

/**
 * The range with its first address: `10.0.5.0/24` for `10.0.5.7/24`. It holds the same addresses.
 *
 * Kubernetes refuses bits beyond the prefix from 1.36.
 */
export function firstOfRange(range: string): string {
  const [address = "", prefix = ""] = range.split("/");
  return isIPv4(address) ? `${cut4(address, Number(prefix))}/${prefix}` : `${cut6(address, Number(prefix))}/${prefix}`;
}

function cut4(address: string, prefix: number): string {
  return address
    .split(".")
    .map((byte, index) => Number(byte) & (0xff00 >> Math.min(Math.max(prefix - index * 8, 0), 8)) & 0xff)
    .join(".");
}

/** Node writes an address of version 6 out in the canonical way, as a host in brackets. */
function cut6(address: string, prefix: number): string {
  const canonical = (text: string): string => new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical(address).split("::");
  const [left, right] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== "")) as [string[], string[]];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const groups = [...left, ...zeros, ...right].map(
    (group, index) => Number.parseInt(group, 16) & (0xffff0000 >> Math.min(Math.max(prefix - index * 16, 0), 16)) & 0xffff,
  );
  return canonical(groups.map((group) => group.toString(16)).join(":"));
}

/** An address range such as `10.0.5.0/24`. A bare address is refused with the range it means. */
export const cidr: Check = satisfies(
  "an address range such as 10.0.5.0/24",
  (value) => typeof value === "string" && isCidr(value),
  (value) => (typeof value === "string" && isIP(value) > 0 ? `Did you mean "${value}/${isIPv4(value) ? 32 : 128}"?` : undefined),
);
