#!/usr/bin/env node
import { createRequire } from "node:module";
import { buffer } from "node:stream/consumers";
import { wantsColour } from "./colour";
import type { Console } from "./console";

const oldest = [22, 12] as const;

/** Ctrl-C, and what those send who stop a job. */
const interrupts = ["SIGINT", "SIGTERM"] as const;

const console: Console = {
  stdin: () => buffer(process.stdin),
  stdinIsTerminal: process.stdin.isTTY === true,
  write: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  colour: wantsColour(process.env, process.stdout.isTTY === true && process.stdout.hasColors()),
  columns: process.stdout.columns ?? 80,
  errorIsTerminal: process.stderr.isTTY === true,
  onInterrupt: (listener) => {
    for (const signal of interrupts) process.on(signal, listener);
    return () => {
      for (const signal of interrupts) process.off(signal, listener);
    };
  },
};

async function main(): Promise<number> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    console.error(`meshground: it needs Node ${oldest.join(".")} or newer, and this is ${process.versions.node}.\n`);
    return 2;
  }
  // Loaded after the look at Node: what it imports may not load on an older one.
  const { run } = createRequire(__filename)("./program") as typeof import("./program");
  return run(process.argv.slice(2), console);
}

// Whoever reads may have seen enough (| head): that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`meshground: this is a fault of meshground itself: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 2;
  },
);
