import { safeText } from "../../checks/report/safe-text";
import type { Host, HostOutcome } from "../../hosts/host";
import { type RollOutStep, rollOut } from "../../hosts/roll-out";
import type { Console } from "../console";
import type { Connections } from "./connections";
import type { Seen, Target } from "./look";

/** A host that was looked at and lacks something. */
export interface Lacking extends Seen {
  readonly target: Target;
}

/** How hosts are changed. */
export interface Change {
  /** What is done with one host. */
  readonly work: (host: Host, target: Target) => Promise<HostOutcome>;
  /** Word for it: `applying`. */
  readonly doing: string;
  /** Most hosts of a pool that are worked on at once, once its first has gone well. */
  readonly atATime: number;
}

/** What was under way or waiting when somebody interrupted. */
class NotBegun extends Error {}

/**
 * A roll-out that somebody can end. The first interruption lets what is under way come to its end and begins nothing more; the second closes
 * the connections, and what is under way ends by itself on the hosts.
 */
export class InterruptibleRollOut {
  readonly #console: Console;
  readonly #connections: Connections;
  readonly #underWay: Set<string> = new Set();
  #interruptions = 0;

  constructor(console: Console, connections: Connections) {
    this.#console = console;
    this.#connections = connections;
  }

  /** Whether somebody interrupted. */
  get interrupted(): boolean {
    return this.#interruptions > 0;
  }

  /**
   * Changes hosts, pool after pool: of each the first alone, then a few at a time. The first failure stops all of it.
   *
   * Returns a step for each host, in the order given.
   */
  async run(lacking: readonly Lacking[], change: Change): Promise<readonly RollOutStep<Lacking, HostOutcome>[]> {
    const stopListening = this.#console.onInterrupt(() => this.#interrupt());
    try {
      const steps = new Map<Lacking, RollOutStep<Lacking, HostOutcome>>();
      for (const pool of new Set(lacking.map(({ target }) => target.pool))) {
        const hosts = lacking.filter(({ target }) => target.pool === pool);
        const done = await rollOut(hosts, (host) => this.#change(host, change), change);
        for (const step of done) steps.set(step.target, asNotBegun(step));
        if (done.some(({ state }) => state !== "done")) break;
      }
      return lacking.map((target) => steps.get(target) ?? { state: "not-begun", target });
    } finally {
      stopListening();
    }
  }

  async #change({ host, target }: Lacking, { work, doing }: Change): Promise<HostOutcome> {
    if (this.interrupted) throw new NotBegun();
    this.#underWay.add(target.name);
    this.#tell(`${target.name}: ${doing} …`);
    try {
      const outcome = await work(host, target);
      this.#tell(`${target.name}: done`);
      return outcome;
    } catch (error) {
      this.#tell(`${target.name}: failed`);
      throw error;
    } finally {
      this.#underWay.delete(target.name);
    }
  }

  #interrupt(): void {
    this.#interruptions += 1;
    const names = [...this.#underWay].join(", ");
    if (this.#interruptions > 1) void this.#connections.close();
    this.#console.error(this.#interruptions > 1 ? leaving(names) : ending(names));
  }

  /** Progress is for whoever watches. */
  #tell(text: string): void {
    if (this.#console.errorIsTerminal) this.#console.error(`${safeText(text)}\n`);
  }
}

function ending(names: string): string {
  const rest = names === "" ? "" : ` Waiting for ${safeText(names)}. Interrupt again to leave at once: it comes to its own end there.`;
  return `meshground: interrupted, nothing more is begun.${rest}\n`;
}

function leaving(names: string): string {
  const rest = names === "" ? "" : ` What was begun on ${safeText(names)} is finished or undone there: see with meshground hosts verify.`;
  return `meshground: leaving.${rest}\n`;
}

function asNotBegun(step: RollOutStep<Lacking, HostOutcome>): RollOutStep<Lacking, HostOutcome> {
  return step.state === "failed" && step.error instanceof NotBegun ? { state: "not-begun", target: step.target } : step;
}
