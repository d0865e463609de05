import { HostError, type HostErrorReason, mismatchLines, quotedOutput, saying } from "./host-error";
import type { KeyOrigin } from "./host-facts";
import type { HostProfile } from "./host-profile";
import { type HostReport, tryHostReport } from "./host-report";
import { brokenOff, type ShellResult } from "./root-shell";

/** What a program reported. @throws HostError when it is not understood. */
export function readableReport(host: string, { exitCode, stdout, stderr }: ShellResult): HostReport {
  const report = tryHostReport(stdout);
  if (report !== undefined) return report;
  throw new HostError(
    host,
    "unexpected",
    `answered something that no run of this library says (exit ${exitCode}).${saying(stderr === "" ? stdout : stderr)} Look at /var/lib/meshground there, and whether its sh and coreutils are whole.`,
  );
}

/** Why a run did not come to what it was for; undefined when it did. */
export function runError(host: string, report: HostReport, { exitCode, stderr }: ShellResult): HostError | undefined {
  const { missing, notRoot, result, troubles, reading } = report;
  if (missing !== undefined)
    return new HostError(host, "unsupported", `it lacks ${missing}. Install them: util-linux, coreutils and grep have them all.`);
  if (notRoot)
    return new HostError(host, "sudo", "the shell that sudo started is not root's. The sudoers rule has to name root: ALL=(root).");
  switch (result) {
    case "busy":
      return new HostError(
        host,
        "busy",
        "another run has held it for as long as this one may wait. Nothing was written. Try again when that one is done.",
      );
    case "refused":
      return new HostError(
        host,
        troubles[0]?.reason ?? "unexpected",
        `nothing was written.${troubles.map(({ text }) => `\n  ${text}`).join("")}`,
      );
    case "failed":
      return failed(host, report, stderr);
    case "not-undone":
      return notUndone(host, report, stderr);
    default:
      if (reading !== undefined) return undefined;
      return new HostError(host, exitCode > 128 ? "cut-off" : "unexpected", brokenOff(`the program ended early (exit ${exitCode})`));
  }
}

/** Other files win over a profile at boot. */
export function conflictError(host: string, { files }: HostProfile, conflicts: readonly KeyOrigin[]): HostError {
  const own = files.map(({ path }) => path).find((path) => path.includes("/sysctl.d/"));
  const lines = conflicts.map(({ key, value, file, line }) => `\n  ${file}:${line} sets ${key} = ${quotedOutput(value, 120)}`);
  const rank = own === undefined ? "" : `, which are read after ${own}`;
  return new HostError(
    host,
    "conflict",
    `nothing was written: these lines would win at the next boot or \`sysctl --system\`${rank}.${lines.join("")}\nTake them out of those files, or set the profile to the same values.`,
  );
}

/** A run that was cut off has left something to finish or to put back. */
export function unfinishedError(host: string): HostError {
  return new HostError(
    host,
    "unfinished",
    "an earlier run was cut off, and what it had begun is neither finished nor put back. Apply or restore again.",
  );
}

function failed(host: string, { at, mismatches }: HostReport, stderr: string): HostError {
  const back = "Everything was put back as it was.";
  if (mismatches.length > 0) {
    return new HostError(host, "not-held", `did not hold:${mismatchLines(mismatches)}\n${back}`, { mismatches });
  }
  return new HostError(host, writeProblem(stderr), `could not get past the step ${JSON.stringify(at)}.${saying(stderr)} ${back}`);
}

function notUndone(host: string, { at, mismatches, troubles }: HostReport, stderr: string): HostError {
  const parts = [...troubles.map(({ text }) => `\n  ${text}`), mismatchLines(mismatches)].join("");
  return new HostError(
    host,
    "unfinished",
    `stopped at the step ${JSON.stringify(at)}, and not everything could be put back.${parts}${saying(stderr)}\nThe originals are kept in /var/lib/meshground there. Once the cause is mended, the next run puts them back first.`,
    { mismatches },
  );
}

/** What the host's own programs say of a file system that takes no writes. The C locale makes them say it in these words. */
function writeProblem(stderr: string): HostErrorReason {
  if (/No space left on device|Disk quota exceeded/.test(stderr)) return "disk-full";
  return /Read-only file system/.test(stderr) ? "read-only" : "unexpected";
}
