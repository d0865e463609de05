import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A process of their own for those that start programs: to start one from the large process of the others takes ten times as long. */
const shells = ["test/hosts/**/*.test.ts", "test/nodes/boot-script.test.ts", "test/cli/**/*.test.ts"];
/** Whole programs, and what loads several versions of cdk8s: each file has modules of its own. */
const whole = ["test/{compat,docs,examples}/**/*.test.ts", "templates/**/*.test.ts", "test/synth/{manifest-files,object-writer}.test.ts"];
const elsewhere = [...shells, ...whole, "test/engines/**", "**/node_modules/**"];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^meshground$/, replacement: at("./lib/index.ts") },
      { find: /^meshground\/hosts$/, replacement: at("./lib/hosts/index.ts") },
      { find: /^meshground\/pulumi$/, replacement: at("./lib/pulumi/index.ts") },
    ],
  },
  test: {
    expect: { requireAssertions: true },
    pool: "threads",
    // Stops what hangs. A loaded machine takes several times as long as an idle one, and no test is about time.
    testTimeout: 30_000,
    // A half of two cores would be one.
    maxWorkers: "100%",
    globalSetup: ["./test/support/temporary.ts", "./test/support/page.ts"],
    projects: [
      // Modules are loaded once for all files: Pulumi's SDK takes a second each time. No file here resets modules or leaves anything behind.
      { extends: true, test: { name: "main", include: ["test/**/*.test.ts"], exclude: elsewhere, isolate: false } },
      { extends: true, test: { name: "shells", include: shells, pool: "forks", isolate: false } },
      { extends: true, test: { name: "whole programs", include: whole, exclude: ["**/node_modules/**"] } },
      // The oldest pair runs everything above; the goldens of whole programs run once more on the newest cdk8s and on the oldest.
      {
        extends: true,
        resolve: {
          alias: {
            cdk8s: at("./test/compat/newest/node_modules/cdk8s"),
            "cdk8s-plus-26": at("./test/compat/newest/node_modules/cdk8s-plus-34"),
          },
        },
        test: { name: "newest cdk8s", include: ["test/{compat,examples}/**/*.test.ts"], isolate: false },
      },
      {
        extends: true,
        resolve: { alias: { cdk8s: at("./test/compat/floor/node_modules/cdk8s") } },
        test: { name: "oldest cdk8s", include: ["test/examples/**/*.test.ts"], isolate: false },
      },
    ],
  },
});
