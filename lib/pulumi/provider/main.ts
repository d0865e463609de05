#!/usr/bin/env node
import { createRequire } from "node:module";

const load = createRequire(__filename);

/** Whether a package that the user brings along is there. */
function has(name: string): boolean {
  try {
    load.resolve(name);
    return true;
  } catch {
    return false;
  }
}

if (has("@pulumi/pulumi")) {
  (load("./serve") as typeof import("./serve")).serve(process.argv.slice(2), process.env);
} else {
  process.stderr.write(
    "pulumi-resource-meshground: the package @pulumi/pulumi is not installed beside meshground, and the provider speaks to the engine through it: npm install @pulumi/pulumi\n",
  );
  process.exitCode = 1;
}
