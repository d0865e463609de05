import { at, list, records } from "../../fields";
import { meshConfig } from "../../graph/mesh-config";
import type { Rule } from "../../rule";
import { telemetries } from "./telemetries";

/** Access logs go to a provider, or nowhere. */
export const telemetryWithoutProvider: Rule = {
  code: "IST0157",
  title: "access logging without a provider",
  severity: "warning",
  consequence:
    "An entry that names no provider uses the mesh's default ones. The MeshConfig has none, so Istio ignores the entry: what it filters or switches on is never logged.",
  fix: "Name a provider in the entry (`providers: [{ name: envoy }]`), or set defaultProviders.accessLogging in the MeshConfig.",
  versions: { istioFrom: "1.17" },
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0157/",
    "https://istio.io/latest/docs/tasks/observability/logs/telemetry-api/",
  ],
  example: {
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: errors
  namespace: shop
spec:
  accessLogging:
    - filter:
        expression: response.code >= 500
`,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: errors
  namespace: shop
spec:
  accessLogging:
    - providers:
        - name: envoy
      filter:
        expression: response.code >= 500
`,
  },
  *check(graph) {
    if (list(at(graph.derive(meshConfig).data, "defaultProviders", "accessLogging")).length > 0) return;
    for (const object of graph.derive(telemetries)) {
      const index = records(object.spec.accessLogging).findIndex(
        ({ disabled, providers }) => disabled !== true && list(providers).length === 0,
      );
      if (index === -1) continue;
      const message = "the entry names no provider, and the MeshConfig names no default one: the entry is ignored.";
      yield { object, field: `spec.accessLogging[${index}]`, message };
    }
  },
};
