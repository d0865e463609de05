import { safeJson, safeText } from "../../checks/report/safe-text";
import { passes, type Qualification } from "../../hosts/qualification";
import { qualificationTable } from "../../hosts/qualification-table";
import { qualify } from "../../hosts/qualify-host";
import { type RollOutStep, tryEach } from "../../hosts/roll-out";
import type { HostRequirements } from "../../nodes/qualification-limits";
import type { Console } from "../console";
import { Connections } from "./connections";
import { failureOf, type HostResult } from "./host-result";
import { type Environment, type NamedHost, namedHosts } from "./named-hosts";
import { atATimeOf, type PacedOptions, type ProfileOptions } from "./options";
import { poolRequirements } from "./pool-files";
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
  const requirements = poolRequirements(
    options.artefacts,
    hosts.map(({ pool }) => pool),
  );
  if (console.errorIsTerminal) console.error(`Measuring takes about a minute a host, ${atATime} at a time.\n`);
  const steps = await Connections.during((connections) => measured(hosts, { connections, requirements, console, atATime }));
  const { qualifications, failures } = sorted(steps);
  console.write(options.json ? safeJson({ hosts: [...qualifications, ...failures] }) : text(qualifications, failures, console));
  if (failures.length > 0) return 3;
  return qualifications.every(passes) ? 0 : 1;
}

interface Measuring {
  readonly connections: Connections;
  readonly requirements: ReadonlyMap<string, HostRequirements>;
  readonly console: Console;
  readonly atATime: number;
}

function measured(hosts: readonly NamedHost[], { connections, requirements, console, atATime }: Measuring) {
  const measure = async ({ name, connection, pool }: NamedHost): Promise<Qualification> => {
    const host = await connections.open(connection);
    const qualification = await qualify(host, requirements.get(pool) as HostRequirements);
    if (console.errorIsTerminal) console.error(`${safeText(name)}: measured\n`);
    return { ...qualification, host: name };
  };
  return tryEach(hosts, measure, atATime);
}

function sorted(steps: readonly RollOutStep<NamedHost, Qualification>[]): {
  readonly qualifications: readonly Qualification[];
  readonly failures: readonly HostResult[];
} {
  return {
    qualifications: steps.flatMap((step) => (step.state === "done" ? [step.result] : [])),
    failures: steps.flatMap((step) => (step.state === "failed" ? [failureOf(step.target, step.error)] : [])),
  };
}

function text(qualifications: readonly Qualification[], failures: readonly HostResult[], { colour }: Console): string {
  const tables = qualifications.length === 0 ? [] : [qualificationTable(qualifications)];
  return [...tables, ...(failures.length === 0 ? [] : [resultText(failures, { colour })])].join("\n");
}
