import { DependencyResource, log, runtime } from "@pulumi/pulumi";
import type { ResourceLog } from "./resource-operations";

/**
 * A log that goes to the engine, under the resource that it is about.
 *
 * Without an engine nobody listens, and nothing is said: standard output belongs to the protocol.
 */
export function engineLog(engineAddress: string | undefined): ResourceLog {
  if (engineAddress === undefined) return { info: () => undefined, warn: () => undefined };
  runtime.resetOptions("", "", -1, engineAddress, "", false, "");
  return {
    info: (urn, message) => settle(log.info(message, new DependencyResource(urn))),
    warn: (urn, message) => settle(log.warn(message, new DependencyResource(urn))),
  };
}

/** A line of the log that is lost must not end an operation. */
function settle(said: Promise<void>): void {
  said.catch(() => undefined);
}
