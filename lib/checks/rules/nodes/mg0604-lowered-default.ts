import { loweredKey } from "../../../nodes/kernel-setting";
import { nodePools } from "../../graph/node-pools";
import type { Rule } from "../../rule";
import { kernelField } from "./pool-fields";

/** Memory of the smallest node: what a default is at least, where it hangs on memory and nobody says how much there is. */
const smallest = 2 ** 29;

/** A setting that is meant to raise a limit must not lower it. */
export const loweredDefault: Rule = {
  code: "MG0604",
  title: "setting below what a node has anyway",
  severity: "warning",
  consequence:
    "A value written to raise a limit lowers it: connections or files are refused that would have been served without any tuning.",
  fix: "Set it as a floor, { atLeast: … }, or leave the key out.",
  see: ["https://docs.kernel.org/admin-guide/sysctl/fs.html", "https://docs.kernel.org/networking/ip-sysctl.html"],
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    fs.file-max: 2097152
`,
    good: `
apiVersion: meshground.io/v1
kind: NodePool
metadata:
  name: oslo
spec:
  kernel:
    fs.file-max: { atLeast: 2097152 }
`,
  },
  *check(graph) {
    for (const { object, settings, memory = smallest } of graph.derive(nodePools)) {
      for (const setting of settings) {
        const lowered = loweredKey(setting, memory);
        if (lowered === undefined) continue;
        const { key, value } = setting;
        yield {
          object,
          field: kernelField(key),
          message: `${key} = ${value} lowers what a node has that nobody tuned: ${lowered.stock}.`,
          fix: `Use { "${key}": { atLeast: ${value} } }, or leave the key out.`,
        };
      }
    }
  },
};
