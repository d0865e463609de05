/** What a new machine is told at its first boot beside what its pool says. */
export interface MachineIdentity {
  /** Private host key in OpenSSH's form. */
  readonly privateKey: string;
  /** Public host key. */
  readonly publicKey: string;
}

/**
 * The pool's user data with the machine's own host key. Keys that lie in the image are deleted first, so that the machine has this one only.
 *
 * root may log in with a key: cloud-init would put a command in front of root's keys that says to use another user.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/modules.html#ssh
 * @throws RangeError for user data that is no cloud-config, and for keys that are none.
 */
export function machineUserData(pool: string, { privateKey, publicKey }: MachineIdentity): string {
  if (!pool.startsWith("#cloud-config\n") || /^(?:ssh_|disable_root)/m.test(pool))
    throw new RangeError("the pool's user data is not its own");
  const lines = privateKey.trim().split("\n");
  if (!lines.every((line) => /^[A-Za-z0-9+/=]+$|^-----[A-Z ]+-----$/.test(line)))
    throw new RangeError("not a private key in OpenSSH's form");
  if (!/^ssh-ed25519 [A-Za-z0-9+/]+=*(?: [\w.@-]+)?\s*$/.test(publicKey)) throw new RangeError("not a public key in OpenSSH's form");
  return [
    pool.trimEnd(),
    "disable_root: false",
    "ssh_deletekeys: true",
    "ssh_keys:",
    "  ed25519_private: |",
    ...lines.map((line) => `    ${line}`),
    `  ed25519_public: ${publicKey.trim()}`,
    "",
  ].join("\n");
}
