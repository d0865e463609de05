import { type Check, shape } from "../core/check";
import { problem } from "../core/problem";
import { type CpuQuantity, cpuQuantity, type MemoryQuantity, memoryQuantity, quantity } from "../core/quantity";

/**
 * Compute resources of one workload's sidecar. All four or none: setting one of Istio's four annotations switches off
 * every default of the mesh for that pod, so three of them would leave the fourth unlimited.
 *
 * @see https://istio.io/latest/docs/reference/config/annotations/
 */
export interface SidecarResources {
  /** Cpu that the scheduler sets aside for the sidecar. */
  readonly cpu: CpuQuantity;
  /** Memory that the scheduler sets aside for the sidecar. */
  readonly memory: MemoryQuantity;
  /** Cpu above which the sidecar is throttled: every request of the pod waits. */
  readonly cpuLimit: CpuQuantity;
  /** Memory above which the kernel ends the sidecar, and with it every connection of the pod. */
  readonly memoryLimit: MemoryQuantity;
}

const amounts = shape<SidecarResources>({ cpu: cpuQuantity, memory: memoryQuantity, cpuLimit: cpuQuantity, memoryLimit: memoryQuantity });

/** All four amounts, and no request above its limit. */
export const sidecarResources: Check = (path, value) => {
  const problems = amounts(path, value);
  if (problems.length > 0) return problems;
  const { cpu, memory, cpuLimit, memoryLimit } = value as SidecarResources;
  return [
    ...(quantity(cpu) > quantity(cpuLimit) ? [problem(`${path}.cpu`, cpu, `at most cpuLimit, ${cpuLimit}`)] : []),
    ...(quantity(memory) > quantity(memoryLimit) ? [problem(`${path}.memory`, memory, `at most memoryLimit, ${memoryLimit}`)] : []),
  ];
};

/** The four annotations of the pod template. */
export function sidecarAnnotations(resources: SidecarResources): Record<string, string> {
  return {
    "sidecar.istio.io/proxyCPU": resources.cpu,
    "sidecar.istio.io/proxyMemory": resources.memory,
    "sidecar.istio.io/proxyCPULimit": resources.cpuLimit,
    "sidecar.istio.io/proxyMemoryLimit": resources.memoryLimit,
  };
}
