import type { PropertyPath } from "./property-values";

/** What of a connection is secret, whatever the program says. */
export const connectionSecrets: readonly PropertyPath[] = [
  ["connection", "privateKey"],
  ["connection", "passphrase"],
  ["connection", "sudoPassword"],
  ["connection", "jump", "privateKey"],
  ["connection", "jump", "passphrase"],
];
