#!/usr/bin/env node
import { readFileSync } from "node:fs";
import type { Console } from "./console";
import { run } from "./program";

const console: Console = {
  stdin: () => readFileSync(0),
  stdinIsTerminal: process.stdin.isTTY === true,
  write: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  colour: process.stdout.isTTY === true && process.stdout.hasColors(),
};

// Whoever reads may have seen enough (| head): that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

run(process.argv.slice(2), console).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`meshground: this is a fault of meshground itself: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 2;
  },
);
