import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What measures, and so wants the machine to itself. */
const measured = "test/engines/measured/**/*.test.ts";

/** Files that take minutes, the longest first: begun late, one of them would be waited for alone. */
const longest: readonly string[] = [
  "hosts/host-machine.test.ts",
  "hosts/cloud-init.test.ts",
  "hosts/faults.test.ts",
  "pulumi/cli.test.ts",
  "pulumi/tuned-host.test.ts",
  "new-user.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number =>
      longest.findIndex((name) => moduleId.endsWith(name)) + 1 || longest.length + 1;
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

/**
 * Tests against real engines: `npm run engines` gets them first.
 *
 * Two files at a time, which have networks, ports and folders of their own. Then, alone and one at a time, what measures.
 */
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
    globalSetup: ["./test/support/temporary.ts", "./test/support/page.ts"],
    // Stops what hangs. Beside another file, or on a loaded machine, all takes several times as long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "engines",
          include: ["test/engines/**/*.test.ts"],
          exclude: [measured, "**/node_modules/**"],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: "measured", include: [measured], fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
