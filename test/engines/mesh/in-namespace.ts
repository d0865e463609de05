import { spawnSync } from "node:child_process";
import type { Outcome } from "../program";
import type { Namespace } from "./network";

/** Runs a program in a namespace to its end. */
export function runIn(namespace: Namespace, command: readonly string[]): Outcome {
  const [program = "", ...args] = [...namespace.inside(), ...command];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
  return { status, stdout, stderr };
}

/** What a program prints in a namespace; throws what it complains of when it fails. */
export function said(namespace: Namespace, command: readonly string[]): string {
  const { status, stdout, stderr } = runIn(namespace, command);
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
