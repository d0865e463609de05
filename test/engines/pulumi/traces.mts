import { readdirSync, readFileSync } from "node:fs";
import type { TestHost } from "../hosts/containers.mts";

/** Every file and link that a profile may touch, with its mode, owner and content, and what the profile's own keeping would leave. */
export async function filesOf(host: TestHost): Promise<readonly string[]> {
  const list =
    "find etc usr/local var/lib/meshground 2>/dev/null | sort | while IFS= read -r path; do stat -c '%N %a %u %g' \"$path\"; done";
  const { stdout } = await host.exec(`cd / && ${list} && find etc usr/local -type f -exec sha256sum {} + | sort`);
  return stdout.trim().split("\n");
}

/** Present value of a kernel key. */
export async function kernelValue(host: TestHost, key: string): Promise<string> {
  return (await host.exec(`cat /proc/sys/${key.replaceAll(".", "/")}`)).stdout.trim().replace(/\s+/g, " ");
}

/** Changes a value as somebody on the host would, behind everyone's back. */
export async function changeValue(host: TestHost, key: string, value: string): Promise<void> {
  const { exitCode, stderr } = await host.exec(`echo '${value}' > /proc/sys/${key.replaceAll(".", "/")}`);
  if (exitCode !== 0) throw new Error(`${key} could not be set to ${value}: ${stderr}`);
}

/** Runs something, and collects the command line of every process that was to be seen meanwhile, here and on the hosts made here. */
export async function withProcessList<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly processes: string }> {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) seen.add(commandLine(pid));
  }, 10);
  try {
    return { result: await work(), processes: [...seen].join("\n") };
  } finally {
    clearInterval(timer);
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
