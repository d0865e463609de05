import type { HostConnection } from "./host-connection";
import type { HostFacts } from "./host-facts";
import type { HostPlan } from "./host-plan";
import type { HostProfile } from "./host-profile";

/** What a program on the host said. */
export interface CommandResult {
  /** Exit code; undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What applying or restoring led to. */
export interface HostOutcome {
  /** Whether anything on the host changed. Without a change nothing was written. */
  readonly changed: boolean;
  /** What an interrupted earlier run had left and this one put back first. */
  readonly recovered: boolean;
  readonly plan: HostPlan;
  /** The host afterwards. */
  readonly facts: HostFacts;
}

/** A live Linux host, over one SSH connection. */
export declare class Host {
  /** @throws HostError when the host cannot be reached, has another key, or does not let us be root. */
  static connect(connection: HostConnection): Promise<Host>;
  /** Address and port, for messages. */
  readonly name: string;
  read(profile: HostProfile): Promise<HostFacts>;
  plan(profile: HostProfile): Promise<HostPlan>;
  apply(profile: HostProfile): Promise<HostOutcome>;
  /** Reads everything back. @throws HostError that names each key and file that does not hold. */
  verify(profile: HostProfile): Promise<HostFacts>;
  /** Puts back what was there before the first apply. */
  restore(): Promise<HostOutcome>;
  /** Runs a POSIX shell script as root. The script and its input go over standard input: neither shows in a process list. */
  run(script: string, input?: string): Promise<CommandResult>;
  close(): Promise<void>;
}
