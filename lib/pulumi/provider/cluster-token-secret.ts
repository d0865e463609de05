import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { oneOf, optional, shape } from "../../core/check";
import type { KeptSecret } from "./kept-secret-operations";

/** Inputs of a ClusterToken, plain. */
interface ClusterTokenInputs {
  readonly distribution?: "k3s" | "kubeadm";
}

/** What lets a machine join a cluster, in the form that the distribution takes. */
export const clusterTokenSecret: KeptSecret = {
  inputs: shape<ClusterTokenInputs>({ distribution: optional(oneOf("k3s", "kubeadm")) }),
  defaults: { distribution: "k3s" },
  secrets: [["token"], ["certificateKey"]],
  make({ distribution }) {
    const outputs =
      distribution === "k3s" ? { token: hexadecimal(32) } : { token: `${letters(6)}.${letters(16)}`, certificateKey: hexadecimal(32) };
    return { id: randomUUID(), outputs };
  },
};

function hexadecimal(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** Letters and digits as kubeadm's tokens have them, each as likely as the other. */
function letters(count: number): string {
  return Array.from({ length: count }, () => randomInt(36).toString(36)).join("");
}
