import type { Command } from "commander" with { "resolution-mode": "import" };
import { rulePage } from "../../checks/rule-page";
import { allTexts } from "../../checks/rules/all-rules";
import { didYouMean } from "../../core/check";
import { UsageError } from "../usage-error";
import type { CommandContext } from "./command";

/** `meshground explain`. */
export function addExplain(program: Command, { console }: CommandContext): void {
  program
    .command("explain")
    .summary("say what a code means")
    .description("Says what a code means: what breaks, what to do, and an example of both.")
    .argument("<code>", "code of a finding: IST0101")
    .action((code: string) => {
      const text = allTexts.find((rule) => rule.code === code);
      const codes = allTexts.map((rule) => rule.code);
      const near = didYouMean(code, codes) ?? "";
      if (text === undefined) throw new UsageError([`no rule has the code "${code}". ${near}`.trim()]);
      console.write(rulePage(text));
    });
}
