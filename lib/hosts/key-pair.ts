import { utils } from "ssh2";

/** An SSH key pair in OpenSSH's form. */
export interface KeyPair {
  /** `ssh-ed25519 AAAA… comment`, without a line's end. */
  readonly publicKey: string;
  readonly privateKey: string;
}

/**
 * A new Ed25519 key pair.
 *
 * One in 256 of those that ssh2 makes cannot be read, by itself or by OpenSSH: it drops the first byte of a public key where that is zero. Such a
 * pair is thrown away.
 */
export function newKeyPair(comment = ""): KeyPair {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519", { comment });
    if (!(utils.parseKey(pair.private) instanceof Error)) return { publicKey: pair.public.trim(), privateKey: pair.private };
  }
}
