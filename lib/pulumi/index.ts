export { ClusterToken, type ClusterTokenArgs } from "./cluster-token";
export type { HostConnectionArgs, JumpHostArgs } from "./host-connection-args";
export { HostKeyPair, type HostKeyPairArgs } from "./host-key-pair";
export { TunedHost, type TunedHostArgs, tunedHostProfile } from "./tuned-host";
