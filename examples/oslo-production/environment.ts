import type { CpuQuantity, MemoryQuantity, Replicas } from "meshground";

/** What differs between the environments. What is not here is the same in both, so that staging tells something about production. */
export interface Environment {
  /** Folder of its output in the repository that Argo CD reads. */
  readonly name: string;
  readonly nodes: { readonly count: number; readonly cpu: number; readonly memory: MemoryQuantity };
  readonly istiod: { readonly cpu: CpuQuantity; readonly memory: MemoryQuantity };
  /** Staging shows which callers strict mTLS would break, before production refuses them. */
  readonly mtls: "permissive" | "strict";
  readonly host: string;
  /** Name that leads to the API servers of all three nodes. */
  readonly api: string;
  readonly replicas: Replicas;
  /** Share of the traffic that the release on trial gets. Unit: percent. */
  readonly canaryWeight: number;
}

export const environments = {
  staging: {
    name: "staging",
    nodes: { count: 3, cpu: 4, memory: "16Gi" },
    istiod: { cpu: "250m", memory: "1024Mi" },
    mtls: "permissive",
    host: "pay.staging.example.no",
    api: "api.staging.example.no",
    replicas: 2,
    canaryWeight: 25,
  },
  production: {
    name: "production",
    nodes: { count: 3, cpu: 8, memory: "32Gi" },
    istiod: { cpu: "500m", memory: "2048Mi" },
    mtls: "strict",
    host: "pay.example.no",
    api: "api.oslo.example.no",
    replicas: { min: 3, max: 10 },
    canaryWeight: 5,
  },
} as const satisfies Record<string, Environment>;

export type EnvironmentName = keyof typeof environments;
