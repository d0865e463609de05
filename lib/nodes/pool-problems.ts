import { anything, bool, type Check, isRecord, oneOf, optional, satisfies, shape, wholeNumber } from "../core/check";
import { suppressionsOf, unaccepted } from "../core/finding";
import { dnsLabel } from "../core/name";
import { type Problem, problem } from "../core/problem";
import { memoryQuantity, tryQuantity } from "../core/quantity";
import type { KubernetesRelease } from "../istio/release";
import type { ConntrackProps } from "./conntrack";
import { country } from "./country";
import { kubeletKeys } from "./kernel-keys";
import { kernelProfile } from "./kernel-setting";
import { nodeLabels, taints } from "./node-registration";
import { distributionOf, nodeRole, poolKubernetes, roleProblems } from "./node-role";
import { podSysctlPlan, podSysctlsCheck } from "./pod-sysctls";
import { memoryFaults, portFaults } from "./pool-faults";
import { conntrackMaxOf, poolSettings } from "./pool-plan";
import type { NodeDisk, NodeShape, TunedNodePoolProps } from "./pool-props";
import { portRange, portRanges } from "./ports";
import { qualificationLimits } from "./qualification-limits";

/** A rule over several props. It runs when those it reads are in order. */
interface Relation {
  readonly reads: readonly (keyof TunedNodePoolProps)[];
  readonly problems: (props: TunedNodePoolProps, kubernetes: KubernetesRelease) => readonly Problem[];
}

const nodeMemory: Check = satisfies(
  'an amount of memory of at least "512Mi"',
  (value) => memoryQuantity("", value).length === 0 && (tryQuantity(value) ?? 0) >= 2 ** 29,
  (value) => (typeof value === "number" ? `Say the unit: "${value}Gi".` : undefined),
);

const propsShape = shape<TunedNodePoolProps>({
  name: optional(dnsLabel),
  nodes: shape<NodeShape>({
    count: wholeNumber(1, 5_000),
    cpu: wholeNumber(1, 1_024),
    memory: nodeMemory,
    disk: optional(shape<NodeDisk>({ kind: oneOf("nvme", "ssd", "hdd", "network"), size: memoryQuantity })),
    country,
  }),
  distribution: optional(oneOf("kubeadm", "k3s")),
  kubernetes: optional(nodeRole),
  kernel: optional(kernelProfile),
  conntrack: optional(shape<ConntrackProps>({ hashSize: optional(wholeNumber(1)) })),
  reservedPorts: optional(portRanges),
  nodePorts: optional(portRange),
  podSysctls: anything,
  protectKernelDefaults: optional(bool),
  labels: optional(nodeLabels),
  taints: optional(taints),
  qualify: optional(qualificationLimits),
  suppress: optional(suppressionsOf(...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => `MG060${number}`))),
});

const propsCheck: Check = (path, value) => [...propsShape(path, value), ...(isRecord(value) ? poolKubernetes(path, value) : [])];

/** In this order: a later rule sees what an earlier one found. */
const relations: readonly Relation[] = [
  {
    reads: ["kernel", "reservedPorts"],
    problems: (props) => optional(podSysctlsCheck(poolSettings(props)))("podSysctls", props.podSysctls),
  },
  { reads: ["kernel", "reservedPorts", "conntrack"], problems: hashSizeProblems },
  { reads: ["kernel", "reservedPorts", "protectKernelDefaults"], problems: kernelDefaultsProblems },
  { reads: ["kernel", "reservedPorts", "podSysctls", "distribution", "kubernetes", "protectKernelDefaults"], problems: patchProblems },
  {
    reads: ["distribution", "kubernetes", "nodes"],
    problems: ({ kubernetes, nodes }, release) => (kubernetes === undefined ? [] : roleProblems(kubernetes, nodes.count, release)),
  },
  {
    reads: ["kernel", "reservedPorts", "podSysctls", "distribution", "kubernetes", "nodePorts", "suppress"],
    problems: (props, { minor }) => unaccepted(portFaults(props, minor), props.suppress),
  },
  {
    reads: ["kernel", "reservedPorts", "conntrack", "nodes", "suppress"],
    problems: (props) => unaccepted(memoryFaults(props), props.suppress),
  },
];

/** Everything that is wrong with a pool's name and props, nothing left for a second try but what hides behind another problem. */
export function poolProblems(poolName: string, props: TunedNodePoolProps, kubernetes: KubernetesRelease): readonly Problem[] {
  const found = [...propsCheck("", props)];
  if (props?.name === undefined) found.push(...dnsLabel("name", poolName));
  for (const { reads, problems } of relations) {
    const broken = new Set(found.map(({ path }) => path.split(/[.[]/, 1)[0]));
    if (!broken.has("") && reads.every((prop) => !broken.has(prop))) found.push(...problems(props, kubernetes));
  }
  return found;
}

function hashSizeProblems(props: TunedNodePoolProps): readonly Problem[] {
  const connections = conntrackMaxOf(poolSettings(props));
  if (props.conntrack === undefined) return [];
  if (connections === undefined) {
    return [{ path: "conntrack", message: "the kernel profile does not set net.netfilter.nf_conntrack_max, whose table this sizes." }];
  }
  return optional(wholeNumber(Math.ceil(connections / 8), connections))("conntrack.hashSize", props.conntrack.hashSize);
}

function kernelDefaultsProblems(props: TunedNodePoolProps): readonly Problem[] {
  if (props.protectKernelDefaults !== true) return [];
  const settings = new Map(poolSettings(props).map(({ key, value }) => [key, value]));
  const missing = Object.entries(kubeletKeys).filter(([key, value]) => settings.get(key) !== String(value));
  if (missing.length === 0) return [];
  const list = missing.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(", ");
  return [{ path: "protectKernelDefaults", message: `the kubelet would not start. Add to the kernel profile: { ${list} }.` }];
}

function patchProblems(props: TunedNodePoolProps, { minor }: KubernetesRelease): readonly Problem[] {
  const unsafe = podSysctlPlan(poolSettings(props), props.podSysctls ?? {}, minor).unsafe.length > 0;
  const patched = unsafe || props.protectKernelDefaults === true;
  if (!patched || distributionOf(props) !== "kubeadm" || minor >= 25) return [];
  const path = unsafe ? "podSysctls.unsafe" : "protectKernelDefaults";
  return [problem(path, `Kubernetes 1.${minor}`, "Kubernetes 1.25 or newer, whose kubeadm can patch the kubelet's configuration")];
}
