import { anything, bool, type Check, isRecord, line, listOf, oneOf, optional, satisfies, shape, wholeNumber } from "../../core/check";
import { labels } from "../../core/name";
import type { Problem } from "../../core/problem";
import { country } from "../../nodes/country";
import { kernelProfile } from "../../nodes/kernel-setting";
import { portRange } from "../../nodes/ports";
import type { MeshObject } from "../mesh-object";
import { kernelOf, type NodePoolSpec, tryCores, tryMemory } from "./node-pools";

const cores = satisfies("an amount of cores, such as 8", (value) => tryCores(value) !== undefined);
const memory = satisfies(
  'an amount of memory with its unit, such as "32Gi"',
  (value) => tryMemory(value) !== undefined,
  (value) => (typeof value === "number" ? `Did you mean "${value}Gi"?` : undefined),
);

/** YAML makes false of Norway. */
const quotedCountry: Check = (path, value) =>
  value === false ? [{ path, message: 'got false, which is what YAML makes of NO without quotes. Write "NO".' }] : country(path, value);

const texts = listOf(line);
const effect = oneOf("NoSchedule", "PreferNoSchedule", "NoExecute");
const taint = shape<{ key: string; value?: string; effect: string }>({ key: line, value: optional(anything), effect });
const podSysctl = shape<{ name: string; value: string }>({
  name: line,
  value: satisfies("text, in quotes where it is a number", (value) => typeof value === "string"),
});

const spec: Check = shape<NodePoolSpec>({
  nodes: optional(
    shape<NonNullable<NodePoolSpec["nodes"]>>({
      count: optional(wholeNumber(1, 1_000_000)),
      cpu: optional(cores),
      memory: optional(memory),
      country: optional(quotedCountry),
      disk: anything,
    }),
  ),
  distribution: optional(oneOf("kubeadm", "k3s")),
  cluster: optional(line),
  controlPlane: optional(bool),
  release: optional(line),
  kernel: anything,
  conntrack: optional(shape<NonNullable<NodePoolSpec["conntrack"]>>({ hashSize: optional(wholeNumber(1)) })),
  reservedPorts: optional(listOf(portRange)),
  nodePorts: optional(portRange),
  kubelet: optional(
    shape<NonNullable<NodePoolSpec["kubelet"]>>({
      maxPods: optional(wholeNumber(1)),
      allowedUnsafeSysctls: optional(texts),
      protectKernelDefaults: optional(bool),
    }),
  ),
  kubeProxy: optional(
    shape<NonNullable<NodePoolSpec["kubeProxy"]>>({
      conntrack: optional(
        shape<{ maxPerCore?: number; min?: number }>({ maxPerCore: optional(wholeNumber(0)), min: optional(wholeNumber(0)) }),
      ),
    }),
  ),
  k3s: optional(shape<NonNullable<NodePoolSpec["k3s"]>>({ disable: optional(texts) })),
  podSysctls: optional(listOf(podSysctl)),
  labels: optional(labels),
  taints: optional(listOf(taint)),
});

/** What of a NodePool nobody can read, with the path of each field: a rule that needs it says nothing. Kernel keys that the library does not know are left out. */
export function nodePoolProblems(object: MeshObject): readonly Problem[] {
  const given = object.data.spec ?? {};
  return [...spec("", given), ...kernelProblems(object)].map(({ path, message }) => ({
    path: path === "" || path.startsWith("[") ? `spec${path}` : `spec.${path}`,
    message,
  }));
}

function kernelProblems(object: MeshObject): readonly Problem[] {
  const { kernel } = object.spec;
  if (kernel === undefined) return [];
  if (!isRecord(kernel)) return [{ path: "kernel", message: "it is no map of kernel keys to their values." }];
  return kernelProfile("kernel", { settings: kernelOf(object).known, unknown: {} });
}
