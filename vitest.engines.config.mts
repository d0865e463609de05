import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests against real engines: `npm run engines` gets them first. */
export default defineConfig({
  resolve: { alias: { meshground: fileURLToPath(new URL("./lib/index.ts", import.meta.url)) } },
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
