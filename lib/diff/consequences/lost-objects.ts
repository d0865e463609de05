import type { ConsequenceRule } from "../consequence";

/** What is lost with an object, by its kind. */
const losses: Readonly<Record<string, string>> = {
  Namespace: "everything in it is deleted with it.",
  CustomResourceDefinition: "every object of its kind is deleted with it.",
  Service: "its name leads nowhere any more: calls to it fail.",
  Deployment: "its pods end.",
  StatefulSet: "its pods end.",
  DaemonSet: "its pods end.",
  Rollout: "its pods end.",
  PersistentVolumeClaim: "its volume may be deleted, and the data with it.",
  ServiceAccount: "new pods that name it cannot start, and policies that name its identity let nobody in.",
  ConfigMap: "new pods that read it cannot start.",
  Secret: "new pods and gateways that read it cannot start or serve.",
  HorizontalPodAutoscaler: "the number of pods follows the load no more.",
  PodDisruptionBudget: "drains of nodes may take all pods at once.",
  NetworkPolicy: "what it kept out gets in, unless another one selects the pods.",
  VirtualService: "its routes, timeouts and retries go with it: requests go to all pods of the Service.",
  DestinationRule: "its subsets and limits go with it: routes that name a subset answer 503.",
  Gateway: "its hosts are no longer served.",
  ServiceEntry: "where outbound is REGISTRY_ONLY, calls to its hosts fail.",
  Sidecar: "its sidecars get the configuration of the whole mesh again.",
  PeerAuthentication: "the mode of the namespace or the mesh counts instead.",
  AuthorizationPolicy: "whom it let in or kept out is decided by the policies that are left; where none is left, everybody is let in.",
  RequestAuthentication: "tokens are not looked at any more: rules that ask for a principal of a request match nobody.",
  EnvoyFilter: "what it put into the proxies goes with it.",
};

/** What is lost when an object goes. */
export const lostObjects: ConsequenceRule = ({ kind, before, after }) =>
  before === undefined || after !== undefined ? [] : [{ level: "danger", text: losses[kind] ?? "what relies on it fails." }];
