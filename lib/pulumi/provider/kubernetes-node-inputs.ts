import { all, bool, type Check, isRecord, mapOf, matching, optional, satisfies, shape } from "../../core/check";
import { join, type Problem } from "../../core/problem";
import { type HostConnection, hostConnection } from "../../hosts/host-connection";
import type { NodeBootstrap } from "../../nodes/node-bootstrap";
import type { Properties } from "./resource-operations";

/** Inputs of a KubernetesNode, plain. */
export interface KubernetesNodeInputs {
  readonly connection: HostConnection;
  readonly bootstrap: NodeBootstrap;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly uninstallOnDelete?: boolean;
}

const script = satisfies(
  "a shell script of at most 1 MiB, without NUL",
  (value) => typeof value === "string" && value.length <= 1_048_576 && /^[^\0]+$/.test(value),
);
const release = matching(/^[A-Za-z0-9][\w.+-]*$/, "a release such as v1.36.2+k3s1", 64);
const secretName = matching(/^[A-Z][A-Z0-9_]*$/, "a name in capitals, as variables have them", 64);

/** One line, or the script would read the rest as another secret. Shows nothing of it. */
const secretValue: Check = (path, value) =>
  typeof value === "string" && value.length <= 65_536 && /^[^\0\r\n]+$/.test(value)
    ? []
    : [{ path, message: "expected text on one line." }];

const form: Check = shape<KubernetesNodeInputs>({
  connection: hostConnection,
  bootstrap: shape<NodeBootstrap>({
    release,
    install: script,
    start: script,
    version: script,
    kubeconfig: optional(script),
    uninstall: optional(script),
  }),
  secrets: optional(mapOf(secretName, secretValue)),
  uninstallOnDelete: optional(bool),
});

/** Inputs of a KubernetesNode. */
export const kubernetesNodeInputs: Check = all(form, uninstallProblems);

/** The inputs among properties that were checked before. */
export function kubernetesNodeInputsIn(properties: Properties): KubernetesNodeInputs {
  const { connection, bootstrap, secrets, uninstallOnDelete } = properties as unknown as KubernetesNodeInputs;
  return {
    connection,
    bootstrap,
    ...(secrets !== undefined && { secrets }),
    ...(uninstallOnDelete !== undefined && { uninstallOnDelete }),
  };
}

function uninstallProblems(path: string, value: unknown): readonly Problem[] {
  const { bootstrap, uninstallOnDelete } = value as KubernetesNodeInputs;
  if (uninstallOnDelete !== true || (isRecord(bootstrap) && bootstrap.uninstall !== undefined)) return [];
  return [{ path: join(path, "uninstallOnDelete"), message: "got true, and the bootstrap has no script that uninstalls." }];
}
