import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Everything runs on the oldest supported pair; test/compat and the goldens run once more on the newest and on the oldest cdk8s. */
const rooms = "test/{checks,core,hosts,istio,mesh,nodes,pulumi}/**";
/** A process of their own for those that start programs: to start one from the large process of the others takes ten times as long. */
const shells = ["test/hosts/**/*.test.ts", "test/nodes/boot-script.test.ts", "test/cli/**/*.test.ts"];
/** Modules are loaded once for all files: Pulumi's SDK takes a second each time. No file here resets modules or leaves anything behind. */
const main = { include: [`${rooms}/*.test.ts`], exclude: shells, isolate: false };
/** Trees are run as whole programs here: each begins by forgetting all modules. */
const whole = { include: ["test/**/*.test.ts"], exclude: [rooms, ...shells, "test/engines/**", "**/node_modules/**"], isolate: false };

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
    globalSetup: ["./test/support/temporary.ts"],
    projects: [
      { extends: true, test: { name: "main", ...main } },
      { extends: true, test: { name: "shells", include: shells, pool: "forks", isolate: false } },
      { extends: true, test: { name: "whole programs", ...whole } },
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
