import { randomBytes } from "node:crypto";
import { milliseconds } from "../core/duration";
import { refuse } from "../core/problem";
import { type HostConnection, hostConnection } from "./host-connection";
import { HostError, mismatchLines } from "./host-error";
import type { HostFacts } from "./host-facts";
import type { HostLook, HostPlan } from "./host-plan";
import { type HostProfile, hostProfile } from "./host-profile";
import { type HostVerb, hostProgram, nothingWanted } from "./host-program";
import type { HostReading } from "./host-reading";
import type { HostReport } from "./host-report";
import { factsOf, isApplied, mismatchesOf, planOf } from "./plan-of";
import { runAsRoot, scriptProgram } from "./root-shell";
import { conflictError, readableReport, runError, unfinishedError } from "./run-error";
import { SshSession } from "./ssh-session";

/** What a program on the host said. */
export interface CommandResult {
  /** Exit code; undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** What it wrote to its standard output. */
  readonly stdout: string;
  /** What it wrote to its standard error. */
  readonly stderr: string;
}

/** What applying or restoring led to. */
export interface HostOutcome {
  /** Whether anything on the host changed. Without a change nothing was written. */
  readonly changed: boolean;
  /** What an interrupted earlier run had left and this one put back first. */
  readonly recovered: boolean;
  /** What was found to be done. */
  readonly plan: HostPlan;
  /** The host afterwards. */
  readonly facts: HostFacts;
}

/** Longest wait for another run on the same host. Unit: seconds. */
const longestPatience = 30;

/** How often the sysctl files may be changed by others while a run waits to write. */
const mostMoves = 3;

/**
 * A live Linux host, over one SSH connection.
 *
 * `apply` and `restore` are all or nothing: earlier files and values are kept on the host before anything is written, everything is read back
 * afterwards, and whatever does not hold puts everything back. Whatever ends a run, be it a cut connection, a kill or a loss of power, the next
 * run finds the old profile or the new one, or puts back the old one first.
 *
 * @example
 * ```ts
 * import { MeshApp, TunedNodePool } from "meshground";
 * import { Host, type HostOutcome, hostProfileOf } from "meshground/hosts";
 *
 * const app = new MeshApp({ istio: "1.30.3", kubernetes: "1.36" });
 * const nodes = { count: 1, cpu: 8, memory: "32Gi", country: "NO" } as const;
 * const profile = hostProfileOf(new TunedNodePool(app, "oslo", { nodes, distribution: "kubeadm" }));
 *
 * export async function tune(address: string, hostKey: string): Promise<HostOutcome> {
 *   const host = await Host.connect({ address, hostKey });
 *   try {
 *     return await host.apply(profile);
 *   } finally {
 *     await host.close();
 *   }
 * }
 * ```
 */
export class Host {
  /** Address and port, for messages. */
  readonly name: string;
  readonly #session: SshSession;
  readonly #connection: HostConnection;
  /** What `look` or `tryUnchanged` read last, for the apply that follows: so a first run asks the host twice, not three times. */
  #look: { readonly profile: HostProfile; readonly reading: IdentifiedReading } | undefined;

  private constructor(session: SshSession, connection: HostConnection) {
    this.name = session.name;
    this.#session = session;
    this.#connection = connection;
  }

  /**
   * Connects and logs in. Whether the user becomes root is seen at the first use.
   *
   * @throws InvalidInput when the connection's props are not what they have to be.
   * @throws HostError when the host cannot be reached, has another key, or does not let us in.
   */
  static async connect(connection: HostConnection): Promise<Host> {
    refuse("HostConnection", hostConnection("", connection));
    return new Host(await SshSession.open(connection), connection);
  }

  /** What the host is and has, for the keys and files of a profile. Writes nothing. @throws HostError */
  async read(profile: HostProfile): Promise<HostFacts> {
    return factsOf(await this.#read(profile), profile);
  }

  /** What applying a profile would do. Writes nothing. @throws HostError */
  async plan(profile: HostProfile): Promise<HostPlan> {
    return planOf(await this.#read(profile), profile);
  }

  /** What the host is and has, and what applying a profile would do, in one question. Writes nothing. @throws HostError */
  async look(profile: HostProfile): Promise<HostLook> {
    const reading = await this.#read(profile);
    const plan = planOf(reading, profile);
    const free = plan.conflicts.length === 0;
    const unchanged = free && isApplied(reading, profile);
    this.#look = free && !unchanged ? { profile, reading } : undefined;
    return { facts: factsOf(reading, profile), plan, unchanged };
  }

  /**
   * Makes the host have a profile, and what an earlier profile had changed and this one does not want, as it was before the first.
   *
   * A host that has it already is asked once and not written to.
   *
   * @throws HostError `conflict` when another file would win over the profile at the next boot, and nothing was written; `not-held` when a
   * value or file did not hold, and everything was put back; `unfinished` when not everything could be put back; `busy` when another run holds the host.
   */
  async apply(profile: HostProfile): Promise<HostOutcome> {
    const look = this.#look?.profile === profile ? this.#look.reading : undefined;
    this.#look = undefined;
    let reading = look ?? (await this.#read(profile));
    const plan = planOf(reading, profile);
    let recovered = false;
    for (let moves = 0; moves < mostMoves; moves++) {
      if (this.#isApplied(reading, profile)) return { changed: recovered, recovered, plan, facts: factsOf(reading, profile) };
      const report = await this.#run("apply", profile, reading.judged);
      recovered ||= report.recovered;
      reading = report.reading;
      if (report.result !== "moved") return this.#applied({ ...report, recovered }, profile, plan);
    }
    throw new HostError(
      this.name,
      "conflict",
      "its sysctl files change all the time, so nothing was written. End what writes to /etc/sysctl.d, then apply again.",
    );
  }

  /**
   * What `apply` would return without writing anything; undefined when it would write.
   *
   * @throws HostError `conflict` when another file would win over the profile at the next boot.
   */
  async tryUnchanged(profile: HostProfile): Promise<HostOutcome | undefined> {
    const reading = await this.#read(profile);
    if (!this.#isApplied(reading, profile)) {
      this.#look = { profile, reading };
      return undefined;
    }
    return { changed: false, recovered: false, plan: planOf(reading, profile), facts: factsOf(reading, profile) };
  }

  /**
   * Reads everything back. Writes nothing.
   *
   * @throws HostError `not-held`, which names each key, file and module that is not as the profile wants it; `unfinished` when an earlier run was cut
   * off.
   */
  async verify(profile: HostProfile): Promise<HostFacts> {
    const reading = await this.#read(profile);
    this.#refuseMismatches(reading, profile);
    if (reading.interrupted) throw unfinishedError(this.name);
    return factsOf(reading, profile);
  }

  /**
   * Puts back what was there before the first apply: content, mode and owner of every file, every link, every value. A host on which nothing was
   * applied is not written to.
   *
   * @throws HostError `not-held` when something cannot be put back; then everything is as it was before the restore. `unfinished` where that
   * could not be had either.
   */
  async restore(): Promise<HostOutcome> {
    const before = await this.#read(nothingWanted);
    const plan = planOf(before, nothingWanted);
    if (before.kept === undefined && !before.interrupted) {
      return { changed: false, recovered: false, plan, facts: factsOf(before, nothingWanted) };
    }
    const { recovered, reading } = await this.#run("restore", nothingWanted);
    if (reading.kept !== undefined || reading.interrupted) throw unfinishedError(this.name);
    return { changed: true, recovered, plan, facts: factsOf(reading, nothingWanted) };
  }

  /**
   * Runs a POSIX shell script as root. The script and its input go over standard input: neither shows in a process list.
   *
   * @throws HostError when the script could not be run to its end; a script that fails is a result.
   */
  async run(script: string, input?: string): Promise<CommandResult> {
    return runAsRoot(this.#session, this.#connection, scriptProgram(script, input));
  }

  /** Ends the connection. What is under way on the host comes to its own end there. */
  async close(): Promise<void> {
    this.#session.close();
  }

  async #read(profile: HostProfile): Promise<IdentifiedReading> {
    return (await this.#run("read", profile)).reading;
  }

  async #run(verb: HostVerb, profile: HostProfile, judged = ""): Promise<HostReport & { readonly reading: IdentifiedReading }> {
    if (profile !== nothingWanted) refuse("HostProfile", hostProfile("", profile));
    const transaction = randomBytes(16).toString("hex");
    const seconds = Math.floor(milliseconds(this.#connection.commandTimeout ?? "2m") / 2_000);
    const patienceSeconds = Math.min(longestPatience, seconds);
    const program = hostProgram(verb, { profile, transaction, patienceSeconds, judged });
    const said = await runAsRoot(this.#session, this.#connection, program);
    const report = readableReport(this.name, said);
    const error = runError(this.name, report, said);
    if (error !== undefined) throw error;
    const { reading } = report;
    if (reading?.machineId === undefined) throw new HostError(this.name, "unsupported", noMachineId);
    return { ...report, reading: { ...reading, machineId: reading.machineId } };
  }

  /** Whether there is nothing to do. @throws HostError when something stands in the way of it. */
  #isApplied(reading: HostReading, profile: HostProfile): boolean {
    const { conflicts } = planOf(reading, profile);
    if (conflicts.length > 0) throw conflictError(this.name, profile, conflicts);
    return isApplied(reading, profile);
  }

  /** The host said that all of it holds; so must what it says that it has. */
  #applied(
    { result, recovered, reading }: HostReport & { readonly reading: IdentifiedReading },
    profile: HostProfile,
    plan: HostPlan,
  ): HostOutcome {
    this.#refuseMismatches(reading, profile);
    return { changed: result === "changed" || recovered, recovered, plan, facts: factsOf(reading, profile) };
  }

  #refuseMismatches(reading: HostReading, profile: HostProfile): void {
    const mismatches = mismatchesOf(reading, profile);
    if (mismatches.length === 0) return;
    throw new HostError(this.name, "not-held", `${mismatches.length} of the profile's parts not as wanted:${mismatchLines(mismatches)}`, {
      mismatches,
    });
  }
}

type IdentifiedReading = HostReading & { readonly machineId: string };

const noMachineId =
  "it has no machine-id, by which it would be known again: /etc/machine-id holds no 32 hexadecimal digits. Make one: systemd-machine-id-setup, or dbus-uuidgen > /etc/machine-id.";
