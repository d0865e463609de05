import { isIP, isIPv4 } from "node:net";
import { type Check, satisfies } from "./check";

/** Whether the text is an address range: an address, a slash, and a prefix length that fits it. */
export function isCidr(text: string): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  if (rest.length > 0 || address.includes("%") || isIP(address) === 0 || !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return false;
  return Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

/** An address range such as `10.0.5.0/24`. A bare address is refused with the range it means. */
export const cidr: Check = satisfies(
  "an address range such as 10.0.5.0/24",
  (value) => typeof value === "string" && isCidr(value),
  (value) => (typeof value === "string" && isIP(value) > 0 ? `Did you mean "${value}/${isIPv4(value) ? 32 : 128}"?` : undefined),
);
