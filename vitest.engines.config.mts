import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests against real engines: `npm run engines` gets them first. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^meshground$/, replacement: at("./lib/index.ts") },
      { find: /^meshground\/hosts$/, replacement: at("./lib/hosts/index.ts") },
      { find: /^meshground\/pulumi$/, replacement: at("./lib/pulumi/index.ts") },
    ],
  },
  test: {
    name: "engines",
    include: ["test/engines/**/*.test.ts"],
    expect: { requireAssertions: true },
    globalSetup: ["./test/support/temporary.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
