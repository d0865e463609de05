import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Check, line, optional, shape } from "../../core/check";
import type { Problem } from "../../core/problem";
import { type HostConnection, hostConnection } from "../../hosts/host-connection";
import { HostError, quotedOutput } from "../../hosts/host-error";
import { connectionSecrets } from "./connection-secrets";
import type { HostAccess } from "./host-access";
import type {
  CreatedResource,
  ExistingResource,
  FoundResource,
  Properties,
  ResourceDifference,
  ResourceOperations,
} from "./resource-operations";
import { forget } from "./way-out";

/** Inputs of a BootedMachine, plain. */
interface BootedMachineInputs {
  readonly connection: HostConnection;
  readonly restartsWith?: string;
}

const inputsForm: Check = shape<BootedMachineInputs>({ connection: hostConnection, restartsWith: optional(line) });

/** How long a new machine may take to answer, and how often it is asked. Unit: milliseconds. */
export interface Patience {
  readonly total: number;
  readonly between: number;
}

/** Prints the machine-id when cloud-init is done. Exit code 2 is its word for done, with something that it could mend. */
const settled = `if command -v cloud-init >/dev/null 2>&1; then
  cloud-init status --wait >/dev/null 2>&1
  code=$?
  if [ "$code" != 0 ] && [ "$code" != 2 ]; then cloud-init status --long >&2; exit "$code"; fi
fi
cat /etc/machine-id
`;

/** Waits for a machine that was just made: it answers with its pinned key, and cloud-init has come to its end. Changes nothing on it. */
export class BootedMachineOperations implements ResourceOperations {
  readonly secrets: ResourceOperations["secrets"] = connectionSecrets;
  readonly #hosts: HostAccess;
  readonly #patience: Patience;

  constructor(hosts: HostAccess, patience: Patience = { total: 600_000, between: 5_000 }) {
    this.#hosts = hosts;
    this.#patience = patience;
  }

  check(inputs: Properties): readonly Problem[] {
    return inputsForm("", inputs);
  }

  diff({ state }: ExistingResource, { connection, restartsWith }: Properties): ResourceDifference {
    const same = isDeepStrictEqual([state.connection, state.restartsWith], [connection, restartsWith]);
    return { changed: !same, replaces: [] };
  }

  async create(_urn: string, inputs: Properties): Promise<CreatedResource> {
    return { id: await this.#machineId(inputs.connection as HostConnection), state: inputs };
  }

  async read({ state }: ExistingResource): Promise<FoundResource> {
    return { inputs: state, state };
  }

  async update({ id, state }: ExistingResource, inputs: Properties): Promise<Properties> {
    if (state.restartsWith === inputs.restartsWith) return inputs;
    const machineId = await this.#machineId(inputs.connection as HostConnection);
    if (machineId !== id)
      throw new Error(`the machine that booted has the machine-id ${machineId}, and ${id} was restarted. ${forget(id)}`);
    return inputs;
  }

  async delete(): Promise<void> {
    // There is nothing of it on the machine.
  }

  async #machineId(connection: HostConnection): Promise<string> {
    const deadline = Date.now() + this.#patience.total;
    for (;;) {
      try {
        return await this.#hosts.use({ commandTimeout: "15m", ...connection }, async (host) => {
          const { exitCode, stdout, stderr } = await host.run(settled);
          const machineId = stdout.trim();
          if (exitCode === 0 && /^[0-9a-f]{32}$/.test(machineId)) return machineId;
          throw new Error(
            `${host.name}: cloud-init did not come to a good end (/var/log/cloud-init-output.log there tells more): ${quotedOutput(stderr, 1_000)}`,
          );
        });
      } catch (error) {
        if (!isBooting(error) || Date.now() >= deadline) throw error;
      }
      await pause(this.#patience.between);
    }
  }
}

/** A machine that boots does not answer yet; sshd may be up before the user's key is there. */
function isBooting(error: unknown): boolean {
  return error instanceof HostError && ["unreachable", "authentication", "cut-off", "timeout"].includes(error.reason);
}
