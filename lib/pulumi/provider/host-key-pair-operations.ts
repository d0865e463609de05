import { createHash } from "node:crypto";
import { utils } from "ssh2";
import { type Check, line, optional, shape } from "../../core/check";
import type { Problem } from "../../core/problem";
import type { ExistingResource, FoundResource, Properties, ResourceDifference, ResourceOperations } from "./resource-operations";

/** Inputs of a HostKeyPair, plain. */
export interface HostKeyPairInputs {
  readonly comment?: string;
}

const hostKeyPairInputs: Check = shape<HostKeyPairInputs>({ comment: optional(line) });

/** Operations of the resource HostKeyPair: made once, kept in the state and nowhere else. */
export class HostKeyPairOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"] = [["privateKey"]];

  check(inputs: Properties): readonly Problem[] {
    return hostKeyPairInputs("", inputs);
  }

  diff({ state }: ExistingResource, inputs: Properties): ResourceDifference {
    return { changed: false, replaces: state.comment === inputs.comment ? [] : ["comment"] };
  }

  async create(_urn: string, { comment = "meshground" }: Properties): Promise<{ readonly id: string; readonly state: Properties }> {
    const pair = utils.generateKeyPairSync("ed25519", { comment: String(comment) });
    const publicKey = pair.public.trim();
    const fingerprint = fingerprintOf(publicKey);
    return { id: fingerprint, state: { comment, publicKey, fingerprint, privateKey: pair.private } };
  }

  async read({ state }: ExistingResource): Promise<FoundResource> {
    const { comment } = state;
    return { inputs: { comment }, state };
  }

  async update({ state }: ExistingResource): Promise<Properties> {
    return state;
  }

  async delete(): Promise<void> {
    // The state was the only place where it lay.
  }
}

/** As `ssh-keygen -l` shows it. */
function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
