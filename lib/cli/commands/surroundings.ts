import type { Command } from "commander" with { "resolution-mode": "import" };
import { several } from "./command";

/** Adds the options by which every command that checks files is told what is around the objects. */
export function addSurroundings(command: Command): Command {
  return command
    .option("--istio <release>", "release of Istio that the objects are for (default: the newest known)")
    .option("--kubernetes <release>", "release of Kubernetes (default: the newest that this Istio supports)")
    .option("--ignore <CODE=reason>", "accept a code everywhere; may be repeated", several, [])
    .option("--external <object>", 'what lives elsewhere: "Service shop/legacy", "Host api.example.no"; may be repeated', several, [])
    .option("--mesh-config <file>", "MeshConfig of the mesh (default: that of a ConfigMap istio or an IstioOperator among the objects)")
    .option("--rules <file>", "module that exports rules of your own; may be repeated", several, [])
    .option("--residency <countries>", "countries that nodes have to stand in: NO,SE")
    .option("--today <date>", "day to judge ends of life by (default: today)");
}
