import { type Check, matching } from "../../core/check";

/** A line of a public key file. */
export const publicKeyText: Check = matching(
  /^(?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/]+=*(?: [ -~]*)?$/,
  "a public key: ssh-ed25519 AAAA…",
  16_384,
);
