import { line, optional, shape } from "../../core/check";
import { fingerprint } from "../../hosts/host-key";
import { newKeyPair } from "../../hosts/key-pair";
import type { KeptSecret } from "./kept-secret-operations";

/** Inputs of a HostKeyPair, plain. */
interface HostKeyPairInputs {
  readonly comment?: string;
}

/** An Ed25519 key pair: what a new machine is given as its own, so that it is known before it first answers. */
export const hostKeyPairSecret: KeptSecret = {
  inputs: shape<HostKeyPairInputs>({ comment: optional(line) }),
  defaults: { comment: "meshground" },
  secrets: [["privateKey"]],
  make({ comment }) {
    const { publicKey, privateKey } = newKeyPair(String(comment));
    const id = fingerprint(Buffer.from(publicKey.split(" ")[1] ?? "", "base64"));
    return { id, outputs: { publicKey, fingerprint: id, privateKey } };
  },
};
