import { record, records } from "../../fields";
import { judged } from "../../graph/judged";
import { meshConfig } from "../../graph/mesh-config";
import { selectedAnywhere, selectorText } from "../../graph/pod-groups";
import { remembered } from "../../graph/remembered";
import { labelSelector, SelectorIndex } from "../../graph/selector-index";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule } from "../../rule";
import { findGateway, gatewayReferences } from "./gateway-names";

/** Claims of a token are known where the token is checked. */
export const claimsWithoutAuthentication: Rule = {
  code: "IST0149",
  title: "routes by claims of tokens that the gateway does not check",
  severity: "error",
  consequence:
    "The gateway knows the claims of a token only where a RequestAuthentication has it check the token. Without one the match is never met: every caller takes another route, or gets 404.",
  fix: "Add a RequestAuthentication that selects the gateway's pods, in their namespace.",
  see: [
    "https://istio.io/latest/docs/reference/config/analysis/ist0149/",
    "https://istio.io/latest/docs/tasks/security/authentication/jwt-route/",
  ],
  example: {
    bad: example(""),
    good: example(`
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: edge
  namespace: istio-system
spec:
  selector:
    matchLabels:
      istio: ingressgateway
  jwtRules:
    - issuer: https://login.example.no
      jwksUri: https://login.example.no/jwks.json`),
  },
  *check(graph) {
    for (const object of judged(graph, "VirtualService")) {
      const claim = claimOf(object);
      if (claim === undefined) continue;
      for (const { gateway, pods } of uncheckedGateways(graph, object)) {
        const message = `the route matches ${claim.name}, and no RequestAuthentication makes the pods ${pods} of Gateway ${gateway} check tokens: it is never taken.`;
        yield { object, field: claim.field, message };
      }
    }
  },
};

/** Gateways of a VirtualService with pods that check no tokens. One that is not there is told of elsewhere. */
function uncheckedGateways(graph: ObjectGraph, object: MeshObject): readonly { readonly gateway: string; readonly pods: string }[] {
  return gatewayReferences(object).flatMap((reference) => {
    const gateway = findGateway(graph, reference);
    if (gateway?.api !== "istio") return [];
    return unchecked(graph, gateway.object).map((pods) => ({ gateway: `${reference.namespace}/${reference.name}`, pods }));
  });
}

/** More than these are not told of one by one. */
const most = 8;

/** Pods of a Gateway to which no RequestAuthentication applies: `istio-system/istio-ingressgateway`. Gateways with one selector share the answer. */
function unchecked(graph: ObjectGraph, { spec }: MeshObject): readonly string[] {
  const labels = labelSelector(spec.selector);
  if (labels === "unreadable") return [];
  return remembered(graph, answers, selectorText(labels), () => uncheckedPods(graph, labels));
}

function answers(): Map<string, readonly string[]> {
  return new Map();
}

function uncheckedPods(graph: ObjectGraph, selector: Readonly<Record<string, string>>): readonly string[] {
  const { rootNamespace } = graph.derive(meshConfig);
  const authentications = graph.derive(authenticationIndex);
  const found = new Set<string>();
  for (const { namespace, name, labels } of selectedAnywhere(graph, selector)) {
    if (found.size === most) break;
    if (![namespace, rootNamespace].some((where) => authentications.appliesIn(where, labels))) found.add(`${namespace}/${name}`);
  }
  return [...found];
}

interface Authentications {
  readonly appliesIn: (namespace: string, labels: Readonly<Record<string, string>>) => boolean;
}

/** RequestAuthentications by what they select; one without a selector applies to its whole namespace. */
function authenticationIndex(graph: ObjectGraph): Authentications {
  const all = graph.of("RequestAuthentication").map((object) => {
    return { namespace: object.namespace, labels: labelSelector(record(object.spec.selector).matchLabels) };
  });
  const index = new SelectorIndex(
    all,
    ({ labels }) => labels,
    ({ namespace }) => namespace,
  );
  const whole = new Set(all.filter(({ labels }) => Object.keys(labels).length === 0).map(({ namespace }) => namespace));
  return { appliesIn: (namespace, labels) => whole.has(namespace) || index.selecting(namespace, labels).length > 0 };
}

/** `@request.auth.claims.group`, or `@request.auth.claims[group]`. */
const claim = /^@request\.auth\.claims(?:\..|\[.)/i;

/** The first claim that a VirtualService matches. */
function claimOf({ spec }: MeshObject): { readonly name: string; readonly field: string } | undefined {
  const [first] = records(spec.http).flatMap(({ match }, rule) =>
    records(match).flatMap((condition, index) =>
      (["headers", "withoutHeaders"] as const).flatMap((where) => {
        const name = Object.keys(record(condition[where])).find((header) => claim.test(header));
        return name === undefined ? [] : [{ name, field: `spec.http[${rule}].match[${index}].${where}` }];
      }),
    ),
  );
  return first;
}

function example(authentication: string): string {
  return `
apiVersion: v1
kind: Service
metadata:
  name: shop
  namespace: shop
spec:
  selector:
    app: shop
  ports:
    - name: http
      port: 8080
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: edge
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  servers:
    - port:
        number: 80
        name: http
        protocol: HTTP
      hosts:
        - shop.example.no
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: shop
  namespace: shop
spec:
  hosts:
    - shop.example.no
  gateways:
    - istio-system/edge
  http:
    - match:
        - headers:
            "@request.auth.claims.group":
              exact: staff
      route:
        - destination:
            host: shop${authentication}
`;
}
