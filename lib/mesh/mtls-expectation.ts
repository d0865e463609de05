import type { Construct } from "constructs";
import type { ExpectedNamespace, MtlsExpectation } from "../prometheus/mtls-expectation";
import { CanaryService } from "./canary-service";
import { declaredPlaintext } from "./declared-plaintext";
import type { StrictMtlsNamespace } from "./strict-mtls-namespace";
import { namespaceOf } from "./tree";
import { type ObjectData, type WorkloadNames, workloadNames } from "./workload-names";

/** What a tree says of mTLS: its namespaces, the services in them, and the plaintext that they declare. Ask when the tree is complete. */
export function mtlsExpectationOf(root: Construct, dataOf?: ObjectData): MtlsExpectation {
  const constructs = root.node.findAll();
  const services = Map.groupBy(
    constructs.filter((construct) => construct instanceof CanaryService),
    ({ namespaceName }) => namespaceName,
  );
  const names = workloadNames(root, dataOf);
  return {
    namespaces: constructs
      .filter(isNamespace)
      .map((namespace) => expectedNamespace(namespace, services.get(namespace.namespaceName) ?? [], names))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Not by `instanceof`: to cdk8s every Chart is one of every subclass. */
function isNamespace(construct: unknown): construct is StrictMtlsNamespace {
  return namespaceOf(construct as Construct) === construct;
}

function expectedNamespace(namespace: StrictMtlsNamespace, services: readonly CanaryService[], names: WorkloadNames): ExpectedNamespace {
  return {
    name: namespace.namespaceName,
    stage: namespace.stage,
    services: services
      .map((service) => ({
        name: service.serviceName,
        workloads: names(service),
        ports: [...new Set(service.ports.map(({ targetPort }) => targetPort))],
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    plaintext: declaredPlaintext(namespace.exceptions, names),
  };
}
