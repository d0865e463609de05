import ssh2 from "ssh2";

/** A key pair in OpenSSH's form. One in 256 of ssh2's own cannot be read; see lib/hosts/key-pair.ts, which node cannot load as it stands. */
export function sshKeyPair(): { readonly public: string; readonly private: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
