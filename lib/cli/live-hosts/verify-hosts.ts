import { safeJson } from "../../checks/report/safe-text";
import { HostError } from "../../hosts/host-error";
import type { HostFacts } from "../../hosts/host-facts";
import { type RollOutStep, tryEach } from "../../hosts/roll-out";
import type { Console } from "../console";
import { Connections } from "./connections";
import { exitCodeOf, failureOf, type HostResult, resultOf } from "./host-result";
import { type Environment, type NamedHost, namedHosts } from "./named-hosts";
import type { HostsOptions, ProfileOptions } from "./options";
import { poolProfiles } from "./pool-files";
import { resultText } from "./result-text";

/**
 * Runs `meshground hosts verify`. Writes nothing.
 *
 * @returns the exit code: 0 every host has its whole profile, now and at the next boot; 1 something drifted; 3 a host could not be asked.
 * @throws UsageError when the options, the inventory or the profiles cannot be followed.
 */
export async function verifyCommand(options: HostsOptions & ProfileOptions, console: Console, environment: Environment): Promise<number> {
  const hosts = namedHosts(options, environment);
  const profileOf = poolProfiles(options.artefacts, hosts);
  const steps = await Connections.during((connections) =>
    tryEach(hosts, async ({ connection, pool }): Promise<HostFacts> => {
      const host = await connections.open(connection);
      return host.verify(profileOf(pool));
    }),
  );
  const results = steps.map(verified);
  console.write(options.json ? safeJson({ hosts: results }) : resultText(results, { colour: console.colour }));
  return exitCodeOf(results);
}

function verified(step: RollOutStep<NamedHost, HostFacts>): HostResult {
  if (step.state === "done") {
    const { overriding } = step.result;
    return overriding.length === 0 ? resultOf(step.target, "holds") : resultOf(step.target, "drifted", { overriding });
  }
  const error = step.state === "failed" ? step.error : undefined;
  if (!(error instanceof HostError)) return failureOf(step.target, error);
  if (error.reason === "not-held") return resultOf(step.target, "drifted", { mismatches: error.mismatches });
  return error.reason === "unfinished" ? resultOf(step.target, "drifted", { interrupted: true }) : failureOf(step.target, error);
}
