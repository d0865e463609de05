import type { MeshObject } from "../../mesh-object";
import type { Rule } from "../../rule";
import { suppressionPrefix } from "../../suppression";

const istiosOwn = "galley.istio.io/analyze-suppress";

/** An accepted code says why. */
export const suppressionWithoutReason: Rule = {
  code: "MG0003",
  title: "suppression without a reason",
  severity: "warning",
  consequence: "It does not count: what it names is reported. Nobody can tell later whether it is still right to look away.",
  fix: `Write the reason: ${suppressionPrefix}CODE: "why".`,
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations:
    galley.istio.io/analyze-suppress: IST0102
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations:
    galley.istio.io/analyze-suppress: IST0102
    suppress.meshground.io/IST0102: "its pods are in no mesh"
`,
  },
  *check(graph) {
    for (const object of graph.objects) {
      for (const [name, value] of Object.entries(object.annotations)) {
        const message = complaint(object, name, value);
        if (message !== undefined) yield { object, field: `metadata.annotations["${name}"]`, message };
      }
    }
  },
};

function complaint({ annotations }: MeshObject, name: string, value: string): string | undefined {
  if (name.startsWith(suppressionPrefix) && value.trim() === "") return `${name} gives no reason, so it does not count.`;
  if (name !== istiosOwn) return undefined;
  const codes = value.split(",").map((code) => code.trim());
  const missing = codes.filter((code) => (annotations[`${suppressionPrefix}${code}`] ?? "").trim() === "");
  return missing.length === 0
    ? undefined
    : `${istiosOwn} gives no reason for ${missing.join(", ")}: istioctl looks away, and this check does not.`;
}
