import { quotedOutput } from "../../hosts/host-error";
import type { ConnectedHost } from "./host-access";
import type { ExistingResource } from "./resource-operations";
import { forget } from "./way-out";

/** Refuses to go on where the address leads to another machine than the resource is. */
export function refuseOtherMachine(host: ConnectedHost, { id }: Pick<ExistingResource, "id">, machineId: string): void {
  if (machineId === id) return;
  throw new Error(
    `${host.name}: the machine there has the machine-id ${machineId}, this resource is the machine ${id}: it was installed anew, or the address leads to another machine. Nothing was changed. ${forget(id)}`,
  );
}

/** What a script wrote to its standard output. Rejects when it fails, with the end of its standard error: the other may hold a kubeconfig. */
export async function said(host: ConnectedHost, doing: string, script: string, input?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run(script, input);
  if (exitCode === 0) return stdout;
  const how = exitCode === undefined ? "was ended by a signal" : `failed with exit code ${exitCode}`;
  throw new Error(`${host.name}: ${doing} ${how}: ${quotedOutput(stderr, 1_500)}`);
}
