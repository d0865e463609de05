import type { Rule } from "../rule";
import { unseenSettings } from "./nodes/mg0601-unseen-settings";
import { localPorts } from "./nodes/mg0602-local-ports";
import { conntrackMemory } from "./nodes/mg0603-conntrack-memory";
import { loweredDefault } from "./nodes/mg0604-lowered-default";
import { refusedPodSysctls } from "./nodes/mg0605-refused-pod-sysctls";
import { unknownKernelKey } from "./nodes/mg0606-unknown-kernel-key";
import { fewerConnections } from "./nodes/mg0607-fewer-connections";
import { kubeProxyOfTheCluster } from "./nodes/mg0608-kube-proxy-of-the-cluster";
import { unreadablePool } from "./nodes/mg0610-unreadable-pool";
import { forbiddenSysctl } from "./nodes/mg0611-forbidden-sysctl";
import { podSecuritySysctl } from "./nodes/mg0612-pod-security-sysctl";
import { sysctlOnOtherNodes } from "./nodes/mg0613-sysctl-on-other-nodes";
import { overwrittenConntrack } from "./nodes/mg0614-overwritten-conntrack";
import { oneKubeProxy } from "./nodes/mg0615-one-kube-proxy";
import { kernelDefaults } from "./nodes/mg0616-kernel-defaults";
import { serviceLbSettings } from "./nodes/mg0617-service-lb-sysctls";
import { gatewayPortsTaken } from "./nodes/mg0618-gateway-ports-taken";
import { moreThanTheNodesHave } from "./nodes/mg0619-more-than-the-nodes-have";
import { podLargerThanAnyNode } from "./nodes/mg0620-pod-larger-than-any-node";
import { morePodsThanKubeletsTake } from "./nodes/mg0621-more-pods-than-kubelets-take";
import { budgetOnOneNode } from "./nodes/mg0622-budget-on-one-node";
import { budgetWithoutRoom } from "./nodes/mg0623-budget-without-room";
import { poolOutsideResidency } from "./nodes/mg0624-pool-outside-residency";
import { istioPastItsEnd } from "./nodes/mg0625-istio-past-its-end";
import { kubernetesPastItsEnd } from "./nodes/mg0626-kubernetes-past-its-end";

/** Rules on nodes, and on nodes and mesh together, by code. */
export const nodeRules: readonly Rule[] = [
  unseenSettings,
  localPorts,
  conntrackMemory,
  loweredDefault,
  refusedPodSysctls,
  unknownKernelKey,
  fewerConnections,
  kubeProxyOfTheCluster,
  unreadablePool,
  forbiddenSysctl,
  podSecuritySysctl,
  sysctlOnOtherNodes,
  overwrittenConntrack,
  oneKubeProxy,
  kernelDefaults,
  serviceLbSettings,
  gatewayPortsTaken,
  moreThanTheNodesHave,
  podLargerThanAnyNode,
  morePodsThanKubeletsTake,
  budgetOnOneNode,
  budgetWithoutRoom,
  poolOutsideResidency,
  istioPastItsEnd,
  kubernetesPastItsEnd,
];
