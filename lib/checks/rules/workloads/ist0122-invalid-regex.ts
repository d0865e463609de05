import { join } from "../../../core/problem";
import { regexProblem } from "../../../istio/re2-syntax";
import { type Data, record, records, text } from "../../fields";
import { judged } from "../../graph/judged";
import type { MeshObject } from "../../mesh-object";
import type { Rule } from "../../rule";

/** Envoy reads regular expressions as RE2 does. Since Istio 1.23, its validation refuses those that are none. */
export const invalidRegex: Rule = {
  code: "IST0122",
  title: "regular expression that RE2 cannot read",
  severity: "warning",
  consequence:
    "Envoy refuses the routes that the expression stands in, and with them every later change of the routes: the mesh goes on with the old ones.",
  fix: "Write it in RE2's syntax: without look-around and backreferences.",
  versions: { istioBefore: "1.23" },
  see: ["https://istio.io/v1.22/docs/reference/config/analysis/ist0122/", "https://github.com/google/re2/wiki/Syntax"],
  example: {
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - match:
        - uri:
            regex: /prices/(?!internal).*
      route:
        - destination:
            host: pricing
`,
    good: `
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
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: pricing
  namespace: shop
spec:
  hosts:
    - pricing
  http:
    - match:
        - uri:
            regex: /prices/[0-9]+
      route:
        - destination:
            host: pricing
`,
  },
  *check(graph) {
    for (const object of judged(graph, "VirtualService")) {
      for (const { field, regex } of regexesOf(object)) {
        const problem = regexProblem(regex);
        if (problem !== undefined) yield { object, field, message: `RE2 cannot read ${shortly(regex)}: ${problem}.` };
      }
    }
  },
};

interface WrittenRegex {
  readonly field: string;
  readonly regex: string;
}

/** Regular expressions that requests are matched by. Those of `withoutHeaders` are not looked at, as in Istio. */
function regexesOf({ spec }: MeshObject): readonly WrittenRegex[] {
  return records(spec.http).flatMap((route, index) => {
    const field = `spec.http[${index}]`;
    return [
      ...records(route.match).flatMap((match, at) => matchRegexes(match, `${field}.match[${at}]`)),
      ...records(record(route.corsPolicy).allowOrigins).flatMap((origin, at) => regexOf(origin, `${field}.corsPolicy.allowOrigins[${at}]`)),
    ];
  });
}

function matchRegexes(match: Data, field: string): readonly WrittenRegex[] {
  return [
    ...["uri", "scheme", "method", "authority"].flatMap((name) => regexOf(match[name], `${field}.${name}`)),
    ...["headers", "queryParams"].flatMap((name) =>
      Object.entries(record(match[name])).flatMap(([key, value]) => regexOf(value, join(`${field}.${name}`, key))),
    ),
  ];
}

function regexOf(match: unknown, field: string): readonly WrittenRegex[] {
  const regex = text(record(match).regex) ?? "";
  return regex === "" ? [] : [{ field: `${field}.regex`, regex }];
}

function shortly(regex: string): string {
  return regex.length > 60 ? `${regex.slice(0, 59)}…` : regex;
}
