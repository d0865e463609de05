import { type Input, Output, secret } from "@pulumi/pulumi";
import type { HostConnection, JumpHost } from "../hosts/host-connection";

/** Props, each of which may come from another resource. */
type Inputs<Props> = { readonly [Prop in keyof Props]: Input<Props[Prop]> };

/** A JumpHost (`meshground/hosts`) whose parts may come from other resources. */
export type JumpHostArgs = Inputs<JumpHost>;

/**
 * A HostConnection (`meshground/hosts`) whose parts may come from other resources: the address of a machine that does not exist yet, a key from the
 * stack's configuration. Keys, passphrases and passwords are stored as secrets, whether they are given as secrets or not.
 */
export type HostConnectionArgs = Inputs<Omit<HostConnection, "jump">> & {
  /**
   * Host through which this one is reached, with a pinned key of its own.
   *
   * @default - reached directly
   */
  readonly jump?: Input<JumpHostArgs>;
};

const secretParts = ["privateKey", "passphrase", "sudoPassword"];

/**
 * A connection whose keys and passwords are secrets before the engine first hears of them.
 *
 * Its other parts stay as they are, so that a preview names them; of one that comes as a whole from another resource, all of it is secret.
 */
export function sealedConnection(connection: Input<HostConnectionArgs>): Input<HostConnectionArgs> {
  return isLater(connection)
    ? secret(connection)
    : { ...sealedParts(connection), ...(connection.jump !== undefined && { jump: sealedJump(connection.jump) }) };
}

function sealedJump(jump: Input<JumpHostArgs>): Input<JumpHostArgs> {
  return isLater(jump) ? secret(jump) : sealedParts(jump);
}

function sealedParts<Parts extends object>(parts: Parts): Parts {
  const entries = Object.entries(parts).map(([name, value]) => [
    name,
    secretParts.includes(name) && value !== undefined ? secret(value) : value,
  ]);
  return Object.fromEntries(entries) as Parts;
}

function isLater<Value extends object>(value: Input<Value>): value is Exclude<Input<Value>, Value> {
  return Output.isInstance(value) || value instanceof Promise;
}
