import { safeJson } from "../../checks/report/safe-text";
import { nothingWanted } from "../../hosts/host-program";
import type { RollOutStep } from "../../hosts/roll-out";
import type { Console } from "../console";
import { Connections } from "./connections";
import { exitCodeOf, failureOf, type HostResult, resultOf } from "./host-result";
import { type Change, InterruptibleRollOut, type Lacking } from "./interruptible-roll-out";
import { lookAt, type Seen, type Target } from "./look";
import { type Environment, namedHosts } from "./named-hosts";
import { atATimeOf, type ChangeOptions, type ProfileOptions } from "./options";
import { poolProfiles } from "./pool-files";
import { resultText } from "./result-text";

/** Exit code of what somebody interrupted, as shells have it. */
const interruptedCode = 130;

/** What a command found, and did. */
interface Report {
  readonly results: readonly HostResult[];
  readonly interrupted?: boolean;
  /** Sentence for people. */
  readonly closing?: string;
}

/**
 * Runs `meshground hosts apply`, and `plan`, which never changes anything.
 *
 * @returns the exit code: 0 nothing is to be done, or all was done; 1 something is to be done; 3 a host could not be asked, or refused; 130 interrupted.
 * @throws UsageError when the options, the inventory or the profiles cannot be followed.
 */
export async function applyCommand(options: ChangeOptions & ProfileOptions, console: Console, environment: Environment): Promise<number> {
  const atATime = atATimeOf(options);
  const hosts = namedHosts(options, environment);
  const profileOf = poolProfiles(options.artefacts, hosts);
  const targets = hosts.map((host) => ({ ...host, profile: profileOf(host.pool) }));
  const change: Change = { doing: "applying", work: (host, { profile }) => host.apply(profile), atATime };
  return changeHosts(targets, change, options, console);
}

/** Runs `meshground hosts restore`. @returns and throws as {@link applyCommand}. */
export async function restoreCommand(options: ChangeOptions, console: Console, environment: Environment): Promise<number> {
  const atATime = atATimeOf(options);
  const targets = namedHosts(options, environment).map((host) => ({ ...host, profile: nothingWanted }));
  return changeHosts(targets, { doing: "restoring", work: (host) => host.restore(), atATime }, options, console);
}

async function changeHosts(targets: readonly Target[], change: Change, options: ChangeOptions, console: Console): Promise<number> {
  const {
    results,
    interrupted = false,
    closing,
  } = await Connections.during(async (connections) => {
    const seen = await lookAt(targets, connections);
    const looked = seen.map(lookResult);
    if (options.yes !== true) return { results: looked, ...closingOf(looked, options) };
    if (looked.some(({ state }) => state === "failed")) return { results: looked, closing: "Nothing was changed on any host." };
    return changed(seen, change, new InterruptibleRollOut(console, connections));
  });
  console.write(options.json ? safeJson({ hosts: results }) : resultText(results, { colour: console.colour, ...(closing && { closing }) }));
  return interrupted ? interruptedCode : exitCodeOf(results);
}

function closingOf(results: readonly HostResult[], { yes }: ChangeOptions): Pick<Report, "closing"> {
  if (!results.some(({ state }) => state === "pending")) return {};
  return { closing: `Nothing was changed.${yes === false ? " To do it, add --yes." : ""}` };
}

function lookResult(step: RollOutStep<Target, Seen>): HostResult {
  if (step.state === "failed") return failureOf(step.target, step.error);
  if (step.state === "not-begun") return resultOf(step.target, "not-begun");
  const { facts, plan, unchanged } = step.result.look;
  return resultOf(step.target, unchanged ? "unchanged" : "pending", {
    changes: plan.changes,
    ...(facts.interrupted && { interrupted: true }),
  });
}

async function changed(seen: readonly RollOutStep<Target, Seen>[], change: Change, rollOut: InterruptibleRollOut): Promise<Report> {
  const lacking = seen.flatMap((step) =>
    step.state === "done" && !step.result.look.unchanged ? [{ ...step.result, target: step.target }] : [],
  );
  const steps = await rollOut.run(lacking, change);
  const results = new Map(steps.map((step) => [step.target.target, changeResult(step)]));
  return { results: seen.map((step) => results.get(step.target) ?? lookResult(step)), interrupted: rollOut.interrupted };
}

function changeResult(step: RollOutStep<Lacking, unknown>): HostResult {
  const { target, look } = step.target;
  const changes = { changes: look.plan.changes };
  if (step.state === "failed") return failureOf(target, step.error);
  return resultOf(target, step.state === "done" ? "changed" : "not-begun", changes);
}
