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
