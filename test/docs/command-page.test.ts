import { join } from "node:path";
import { expect, test } from "vitest";
import { everyCommand } from "../cli/every-command";
import { meshground } from "../cli/meshground";

const intro = `# The command

\`meshground\` does at a prompt, in a CI job and in a hook what needs no program of yours. It starts fast, because it loads neither cdk8s nor Pulumi, and what comes from outside
never reaches the terminal raw.

- **Exit codes** are for scripts: 0 good, 1 something was found, 2 called wrongly or something could not be read. Where a command has others, its help says so.
- **\`--json\`** is for machines, and stays the same when the text for people changes.
- **Colours** are for terminals only. \`NO_COLOR=1\` takes them away there, \`FORCE_COLOR=1\` wants them elsewhere too, as in the log of a CI job.

This page is the program's own help. \`npx meshground COMMAND --help\` shows the same, as wide as the terminal. [check.md](check.md) tells more of the checks, [mtls.md](mtls.md) of the way
to STRICT, [kernel-keys.md](kernel-keys.md) and [versions.md](versions.md) hold what \`explain\` and \`versions\` say.
`;

test("docs/command.md is the program's own help", async () => {
  const sections: string[] = [];
  for (const path of await everyCommand()) {
    const { stdout } = await meshground([...path, "--help"], { columns: 120 });
    sections.push(`## ${["meshground", ...path].join(" ")}\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\`\n`);
  }
  await expect([intro, ...sections].join("\n")).toMatchFileSnapshot(join(__dirname, "../../docs/command.md"));
});
