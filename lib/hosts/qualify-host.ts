import type { HostRequirements } from "../nodes/qualification-limits";
import type { Host } from "./host";
import { HostError, quotedOutput } from "./host-error";
import { passes, type Qualification } from "./qualification";
import { judge } from "./qualification-judgement";
import { tryMeasurements } from "./qualification-measurements";
import { qualificationProgram } from "./qualification-program";
import { qualificationTable } from "./qualification-table";

/** What measuring needs of a host. */
export type MeasuredHost = Pick<Host, "name" | "run">;

/**
 * Measures a host and holds it against the requirements of its pool. Takes two windows, and up to half a minute for the disk.
 *
 * Nothing stays on the host.
 *
 * @throws HostError when the host cannot be measured at all.
 */
export async function qualify(host: MeasuredHost, requirements: HostRequirements): Promise<Qualification> {
  const { exitCode, stdout, stderr } = await host.run(qualificationProgram(requirements));
  const measurements = exitCode === 0 ? tryMeasurements(stdout) : undefined;
  if (measurements !== undefined) return { host: host.name, pool: requirements.pool, rows: judge(requirements, measurements) };
  const said = quotedOutput(stderr) || quotedOutput(stdout);
  throw new HostError(
    host.name,
    "unexpected",
    `could not be measured (exit ${exitCode ?? "by a signal"}).${said === "" ? "" : ` It said: ${said}`}`,
  );
}

/**
 * Measures a host, and refuses it when it does not measure up.
 *
 * @throws HostError `unqualified`, with the table, or whatever kept it from being measured.
 */
export async function qualifyHost(host: MeasuredHost, requirements: HostRequirements): Promise<Qualification> {
  const qualification = await qualify(host, requirements);
  if (passes(qualification)) return qualification;
  throw new HostError(
    host.name,
    "unqualified",
    `does not measure up to the limits of pool ${JSON.stringify(requirements.pool)}, so nothing was written to it. Mend what blocks, or accept it with a reason in the pool's qualify.accept.\n\n${qualificationTable(qualification)}`,
  );
}
