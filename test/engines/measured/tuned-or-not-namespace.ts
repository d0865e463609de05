import { spawnSync } from "node:child_process";
import type { Namespace } from "../mesh/network";

/** What a command prints in a namespace. */
export function said(namespace: Namespace, command: readonly string[]): string {
  const [program = "", ...args] = [...namespace.inside(), ...command];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
}

/** How many connections may wait at each socket that listens on one of these ports, as the kernel has it. */
export function queuesOf(namespace: Namespace, ports: readonly number[]): readonly number[] {
  const filter = ports.map((port) => `sport = :${port}`).join(" or ");
  return said(namespace, ["ss", "--listening", "--tcp", "--numeric", "--no-header", filter])
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Number(line.split(/\s+/)[2]));
}
