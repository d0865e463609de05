export { ClusterToken, type ClusterTokenArgs } from "./cluster-token";
export type { HostConnectionArgs, JumpHostArgs } from "./host-connection-args";
export { HostKeyPair, type HostKeyPairArgs } from "./host-key-pair";
export { KubernetesNode, type KubernetesNodeArgs } from "./kubernetes-node";
export type { NodeBootstrap } from "./provider/kubernetes-node-inputs";
export { TunedHost, type TunedHostArgs, tunedHostProfile } from "./tuned-host";
