import { type CallEnd, calls, serviceKey, unreadableCalls } from "../../graph/calls";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";

/** A declared call that names what is not there: a slip, or a Service made elsewhere. */
export const unknownCall: Rule = {
  code: "MG0319",
  title: "call of a Service that nobody knows",
  severity: "warning",
  consequence:
    "Nothing breaks in the cluster, because a CallGraph is never applied to one. But deadlines, retries and whatever else is made from the calls leave this one out, and a real call that was misspelt is not looked at.",
  fix: "Correct namespace and name. Where somebody else makes the Service, declare it external.",
  example: {
    bad: `
apiVersion: meshground.io/v1
kind: CallGraph
metadata:
  name: shop
  namespace: shop
spec:
  calls:
    - from: { namespace: shop, name: checkout }
      to: { namespace: shop, name: prising }
---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
`,
    good: `
apiVersion: meshground.io/v1
kind: CallGraph
metadata:
  name: shop
  namespace: shop
spec:
  calls:
    - from: { namespace: shop, name: checkout }
      to: { namespace: shop, name: pricing }
---
apiVersion: v1
kind: Service
metadata:
  name: pricing
  namespace: shop
spec:
  selector:
    app: pricing
  ports:
    - name: http
      port: 8080
`,
    externals: ["Service shop/checkout"],
  },
  *check(graph) {
    for (const { object, field } of graph.derive(unreadableCalls)) {
      yield { object, field, message: "an entry needs from and to, each with the name of a Service: this one is not read." };
    }
    for (const { object, field, from, to } of graph.derive(calls)) {
      for (const [end, place] of [[from, "from"] as const, [to, "to"] as const]) {
        if (isKnown(graph, end)) continue;
        const key = serviceKey(end);
        const fix = `Correct the name, add the Service, or declare it external: externals: ["Service ${key}"].`;
        yield { object, field: `${field}.${place}`, message: `there is no Service ${key} among the objects that were checked.`, fix };
      }
    }
  },
};

function isKnown(graph: ObjectGraph, { namespace, name }: CallEnd): boolean {
  return graph.find("Service", namespace, name) !== undefined || graph.isExternal("Service", namespace, name);
}
