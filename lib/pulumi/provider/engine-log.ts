import { info, warn } from "@pulumi/pulumi/log";
import { DependencyResource } from "@pulumi/pulumi/resource";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import type { ResourceLog } from "./resource-operations";

/**
 * A log that goes to the engine, under the resource that it is about.
 *
 * Without an engine nobody listens, and nothing is said: standard output belongs to the protocol.
 */
export function engineLog(engineAddress: string | undefined): ResourceLog {
  if (engineAddress === undefined) return { info: () => undefined, warn: () => undefined };
  resetOptions("", "", -1, engineAddress, "", false, "");
  return {
    info: (urn, message) => settle(info(message, new DependencyResource(urn))),
    warn: (urn, message) => settle(warn(message, new DependencyResource(urn))),
  };
}

/** A line of the log that is lost must not end an operation. */
function settle(said: Promise<void>): void {
  said.catch(() => undefined);
}
