import { safeJson, safeText } from "../../checks/report/safe-text";
import { passes, type Qualification } from "../../hosts/qualification";
import { qualificationTable } from "../../hosts/qualification-table";
import { qualify } from "../../hosts/qualify-host";
import { type RollOutStep, tryEach } from "../../hosts/roll-out";
import { hostName } from "../../hosts/ssh-session";
import type { HostRequirements } from "../../nodes/qualification-limits";
import type { Console } from "../console";
import { Connections } from "./connections";
import { failureOf, type HostResult } from "./host-result";
import { type Environment, type NamedHost, namedHosts } from "./named-hosts";
import { atATimeOf, type PacedOptions, type ProfileOptions } from "./options";
import { type ByPool, poolRequirements } from "./pool-files";
import { resultText } from "./result-text";

/**
 * Runs `meshground hosts qualify`. Nothing stays on the hosts.
 *
 * @returns the exit code: 0 every host measures up; 1 one does not; 3 one could not be measured at all.
 * @throws UsageError when the options, the inventory or the requirements cannot be followed.
 */
export async function qualifyCommand(options: PacedOptions & ProfileOptions, console: Console, environment: Environment): Promise<number> {
  const atATime = atATimeOf(options);
  const hosts = namedHosts(options, environment);
  const requirementsOf = poolRequirements(options.artefacts, hosts);
  if (console.errorIsTerminal) console.error(`Measuring takes about a minute a host, ${atATime} at a time.\n`);
  const steps = await Connections.during((connections) => measured(hosts, { connections, requirementsOf, console, atATime }));
  console.write(options.json ? safeJson({ hosts: steps.map(data) }) : text(steps, console.colour));
  if (steps.some(({ state }) => state === "failed")) return 3;
  return steps.every((step) => step.state === "done" && passes(step.result)) ? 0 : 1;
}

interface Measuring {
  readonly connections: Connections;
  readonly requirementsOf: ByPool<HostRequirements>;
  readonly console: Console;
  readonly atATime: number;
}

function measured(
  hosts: readonly NamedHost[],
  { connections, requirementsOf, console, atATime }: Measuring,
): Promise<readonly RollOutStep<NamedHost, Qualification>[]> {
  const measure = async ({ name, connection, pool }: NamedHost): Promise<Qualification> => {
    const host = await connections.open(connection);
    const qualification = await qualify(host, requirementsOf(pool));
    if (console.errorIsTerminal) console.error(`${safeText(name)}: measured\n`);
    return qualification;
  };
  return tryEach(hosts, measure, atATime);
}

/** A host as JSON has it: as the other commands say it, with what was measured. */
function data(step: RollOutStep<NamedHost, Qualification>): object {
  if (step.state !== "done") return failed(step);
  const { name, pool, connection } = step.target;
  const { rows } = step.result;
  return { name, pool, address: hostName(connection), state: passes(step.result) ? "qualified" : "unqualified", rows };
}

function failed(step: RollOutStep<NamedHost, Qualification>): HostResult {
  return failureOf(step.target, step.state === "failed" ? step.error : undefined);
}

function text(steps: readonly RollOutStep<NamedHost, Qualification>[], colour: boolean): string {
  const measured = steps.flatMap((step) => (step.state === "done" ? [{ ...step.result, host: step.target.name }] : []));
  const failures = steps.filter(({ state }) => state === "failed").map(failed);
  return [
    ...(measured.length === 0 ? [] : [qualificationTable(measured)]),
    ...(failures.length === 0 ? [] : [resultText(failures, { colour })]),
  ].join("\n");
}
