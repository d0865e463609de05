import type { CpuQuantity, MemoryQuantity, Replicas } from "meshground";

/** What differs between the environments. What is not here is the same in both, so that staging tells something about production. */
export interface Environment {
  readonly nodes: { readonly count: number; readonly cpu: number; readonly memory: MemoryQuantity };
  readonly istiod: { readonly cpu: CpuQuantity; readonly memory: MemoryQuantity };
  /** Staging shows which callers strict mTLS would break, before production refuses them. */
  readonly mtls: "permissive" | "strict";
  /** Name that the shop is reached by. */
  readonly host: string;
  readonly replicas: Replicas;
  /** Share of the requests that a new version gets. Unit: percent. */
  readonly canaryWeight: number;
}

export const environments = {
  staging: {
    nodes: { count: 3, cpu: 4, memory: "16Gi" },
    istiod: { cpu: "250m", memory: "1024Mi" },
    mtls: "permissive",
    host: "shop.staging.example.no",
    replicas: 2,
    canaryWeight: 25,
  },
  production: {
    nodes: { count: 3, cpu: 8, memory: "32Gi" },
    istiod: { cpu: "500m", memory: "2048Mi" },
    mtls: "strict",
    host: "shop.example.no",
    replicas: { min: 3, max: 10 },
    canaryWeight: 5,
  },
} as const satisfies Record<string, Environment>;

export type EnvironmentName = keyof typeof environments;

/** The environment of a name that came from outside. */
export function environmentName(name: string): EnvironmentName {
  if (!Object.hasOwn(environments, name))
    throw new Error(`ENVIRONMENT is ${JSON.stringify(name)}, expected ${Object.keys(environments).join(" or ")}.`);
  return name as EnvironmentName;
}
