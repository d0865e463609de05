import type { RuleText } from "../../rule";

/** What a run says of an accepted code that it did not find. */
export const suppressionOfNothing: RuleText = {
  code: "MG0002",
  title: "suppression of nothing",
  severity: "note",
  consequence: "The code may be misspelt, or what it accepted is gone. When it comes back, nobody will be told.",
  fix: "Remove the suppression.",
  example: {
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
  annotations:
    suppress.meshground.io/IST0102: "its pods are in no mesh"
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations:
    suppress.meshground.io/IST0102: "its pods are in no mesh"
`,
  },
};
