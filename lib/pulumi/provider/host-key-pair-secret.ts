import { utils } from "ssh2";
import { line, optional, shape } from "../../core/check";
import { fingerprint } from "../../hosts/host-key";
import type { KeptSecret } from "./kept-secret-operations";

/** Inputs of a HostKeyPair, plain. */
export interface HostKeyPairInputs {
  readonly comment?: string;
}

/** An Ed25519 key pair: what a new machine is given as its own, so that it is known before it first answers. */
export const hostKeyPairSecret: KeptSecret = {
  inputs: shape<HostKeyPairInputs>({ comment: optional(line) }),
  defaults: { comment: "meshground" },
  secrets: [["privateKey"]],
  make({ comment }) {
    const pair = utils.generateKeyPairSync("ed25519", { comment: String(comment) });
    const publicKey = pair.public.trim();
    const id = fingerprint(Buffer.from(publicKey.split(" ")[1] ?? "", "base64"));
    return { id, outputs: { publicKey, fingerprint: id, privateKey: pair.private } };
  },
};
