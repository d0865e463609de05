import { Output } from "@pulumi/pulumi";
import { type Check, isRecord } from "../../core/check";
import { join } from "../../core/problem";
import { hostConnection } from "../../hosts/host-connection";

/** What is wrong with a connection, as far as it is known before the program runs; the provider looks at the rest. */
export const connectionProblems: Check = (path, connection) => {
  const later = isRecord(connection) ? Object.entries(connection).filter(([, value]) => holdsLater(value)) : [];
  const hidden = later.map(([name]) => join(path, name));
  const below = (place: string): boolean => hidden.some((outer) => place === outer || place.startsWith(`${outer}.`));
  return hostConnection(path, connection).filter(({ path: place }) => !below(place));
};

/** Whether a value comes from another resource. */
export function isLater(value: unknown): boolean {
  return Output.isInstance(value) || value instanceof Promise;
}

function holdsLater(value: unknown): boolean {
  return isLater(value) || (isRecord(value) && Object.values(value).some(isLater));
}
