import { tryKeyScope } from "../../../nodes/kernel-keys";
import { meantKey } from "../../../nodes/kernel-setting";
import { record, text } from "../../fields";
import { kernelOf, nodePools } from "../../graph/node-pools";
import type { Rule, RuleFinding } from "../../rule";
import { kernelField } from "./pool-fields";

/** A key that nothing here can judge. */
export const unknownKernelKey: Rule = {
  code: "MG0606",
  title: "kernel key that the library does not know",
  severity: "note",
  consequence: "Nothing checks the value, and a misspelt key does nothing: sysctl passes over what is not there.",
  fix: "Read it back on a node.",
  see: ["https://docs.kernel.org/admin-guide/sysctl/index.html"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    net.core.somaxcon: 32768
  podSysctls: []
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    net.core.somaxconn: 32768
  podSysctls: []
`,
  },
  *check(graph) {
    for (const { object } of graph.derive(nodePools)) {
      const unknown = Object.entries(kernelOf(object).unknown).filter(([key]) => tryKeyScope(key) === undefined);
      for (const [index, [key, value]] of unknown.entries()) {
        const hint = index < mostHints && key.length <= 128 ? meantKey(key) : undefined;
        yield { object, field: kernelField(key), ...texts(key, text(record(value).reason), hint) };
      }
    }
  },
};

/** Looking for what was meant takes its time, so it is not done for a list of thousands. */
const mostHints = 100;

function texts(key: string, reason: string | undefined, hint: string | undefined): Pick<RuleFinding, "message" | "fix"> {
  const given = reason === undefined ? "" : ` Reason given: ${reason}`;
  return {
    message: `${key} is not a key that the library knows, so nothing checks its value.${given}`,
    fix: hint ?? "Read it back on a node: sysctl says nothing of a key that is not there.",
  };
}
