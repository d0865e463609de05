import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Everything runs on the oldest supported pair; test/compat and the goldens run once more on the newest and on the oldest cdk8s. */
const main = { include: ["test/**/*.test.ts"], exclude: ["test/engines/**", "**/node_modules/**"] };

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
    // A half of two cores would be one.
    maxWorkers: "100%",
    // No file leaves anything behind for the next one, and loading Pulumi's SDK anew for each would take half of the time.
    isolate: false,
    globalSetup: ["./test/support/temporary.ts"],
    projects: [
      { extends: true, test: { name: "main", ...main } },
      {
        extends: true,
        resolve: {
          alias: {
            cdk8s: at("./test/compat/newest/node_modules/cdk8s"),
            "cdk8s-plus-26": at("./test/compat/newest/node_modules/cdk8s-plus-34"),
          },
        },
        test: { name: "newest cdk8s", include: ["test/{compat,examples}/**/*.test.ts"] },
      },
      {
        extends: true,
        resolve: { alias: { cdk8s: at("./test/compat/floor/node_modules/cdk8s") } },
        test: { name: "oldest cdk8s", include: ["test/examples/**/*.test.ts"] },
      },
    ],
  },
});
