import { at, type Data, record, records, text } from "../../fields";
import { serviceRefusal } from "../../graph/plaintext";
import { servicePorts } from "../../graph/service-pods";
import type { MeshObject } from "../../mesh-object";
import type { ObjectGraph } from "../../object-graph";
import type { Rule, RuleFinding } from "../../rule";
import { strictShop } from "./example-parts";
import { policyName, workloadName } from "./naming";

const webhook = `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: admission
  namespace: shop
spec:
  selector:
    matchLabels:
      app: admission
  template:
    metadata:
      labels:
        app: admission
    spec:
      serviceAccountName: admission
      containers:
        - name: app
          image: registry.example.no/admission:2.0.0
---
apiVersion: v1
kind: Service
metadata:
  name: admission
  namespace: shop
spec:
  selector:
    app: admission
  ports:
    - name: https
      port: 443
      targetPort: 9443
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: admission
webhooks:
  - name: admission.shop.example.no
    admissionReviewVersions: ["v1"]
    sideEffects: None
    clientConfig:
      service:
        namespace: shop
        name: admission
        path: /validate
    rules:
      - apiGroups: ["apps"]
        apiVersions: ["v1"]
        operations: ["CREATE"]
        resources: ["deployments"]
`;

/** The API server is outside every mesh, and calls webhooks with a certificate that no sidecar knows. */
export const admissionWebhooks: Rule = {
  code: "MG0411",
  title: "API server calls pods that refuse plaintext",
  severity: "error",
  consequence:
    "The API server has no certificate of the mesh. The sidecar before the webhook resets its calls: with failurePolicy Fail nobody can create or change what the webhook is for, with Ignore it is skipped without a word; behind an APIService or a conversion the kind itself cannot be read.",
  fix: 'Let the workload\'s port take plaintext, by a PeerAuthentication of the workload (portLevelMtls: PERMISSIVE), or keep the pods out of the mesh (label sidecar.istio.io/inject: "false"). The webhook speaks TLS of its own either way.',
  see: [
    "https://github.com/istio/istio/issues/52874",
    "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
  ],
  example: {
    bad: strictShop + webhook,
    good: `${strictShop}---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: admission
  namespace: shop
spec:
  selector:
    matchLabels:
      app: admission
  portLevelMtls:
    "9443":
      mode: PERMISSIVE
${webhook}`,
  },
  *check(graph) {
    for (const call of calls(graph)) yield* refused(graph, call);
  },
};

/** A Service that the API server calls. */
interface ApiServerCall {
  readonly object: MeshObject;
  readonly field: string;
  readonly service: Data;
  /** What happens when nobody answers. */
  readonly effect: string;
  readonly severity: "error" | "warning";
}

const fails = "every request that it is for fails";
const skipped = "it is skipped without a word (failurePolicy: Ignore)";

function* calls(graph: ObjectGraph): Iterable<ApiServerCall> {
  for (const object of [...graph.of("MutatingWebhookConfiguration"), ...graph.of("ValidatingWebhookConfiguration")]) {
    for (const [index, { clientConfig, failurePolicy }] of records(object.data.webhooks).entries()) {
      const ignores = failurePolicy === "Ignore";
      const outcome = { effect: ignores ? skipped : fails, severity: ignores ? "warning" : "error" } as const;
      yield { object, field: `webhooks[${index}].clientConfig.service`, service: record(record(clientConfig).service), ...outcome };
    }
  }
  for (const object of graph.of("APIService", "apiregistration.k8s.io")) {
    yield {
      object,
      field: "spec.service",
      service: record(object.spec.service),
      effect: "its kinds cannot be read or written",
      severity: "error",
    };
  }
  for (const object of graph.of("CustomResourceDefinition")) {
    const service = record(at(object.spec, "conversion", "webhook", "clientConfig", "service"));
    const effect = "objects of the kind cannot be converted, nor read in another version";
    yield { object, field: "spec.conversion.webhook.clientConfig.service", service, effect, severity: "error" };
  }
}

function* refused(graph: ObjectGraph, { object, field, service, effect, severity }: ApiServerCall): Iterable<RuleFinding> {
  const { name, namespace, port } = service;
  const called = graph.find("Service", text(namespace) ?? "", text(name) ?? "");
  if (called === undefined) return;
  const wanted = port ?? 443;
  const through = servicePorts(called).find(({ number }) => number === wanted);
  if (through === undefined) return;
  const refusal = serviceRefusal(graph, called, through);
  if (refusal === undefined) return;
  const { workload, policy } = refusal;
  const where = refusal.port === undefined ? "" : ` on port ${refusal.port}`;
  const message = `${workloadName(workload)} of ${called.namespace} refuses plaintext${where} (PeerAuthentication ${policyName(policy)}), and the API server has no certificate of the mesh: ${effect}.`;
  yield { object, field, severity, message };
}
