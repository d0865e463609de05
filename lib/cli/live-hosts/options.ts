import { wholeNumber } from "../../core/check";
import { refuseUsage } from "../usage-error";
import type { HostChoice } from "./named-hosts";

/** What every command on hosts is given. */
export interface HostsOptions extends HostChoice {
  readonly json: boolean;
}

/** What a command that goes by profiles or requirements is given. */
export interface ProfileOptions {
  /** Folder of the tree's artefacts. */
  readonly artefacts: string;
}

/** What a command that works on few hosts at a time is given. */
export interface PacedOptions extends HostsOptions {
  /** Most hosts that are worked on at once. */
  readonly atATime?: string;
}

/** What a command that may change hosts is given. */
export interface ChangeOptions extends PacedOptions {
  /** Whether to change them; undefined where the command never does. */
  readonly yes?: boolean;
}

/** Most hosts that are worked on at once, by default. */
export const defaultAtATime = "5";

/** How many hosts are worked on at once. @throws UsageError for anything but a whole number from 1 to 1000. */
export function atATimeOf({ atATime = defaultAtATime }: PacedOptions): number {
  const number = /^\d{1,4}$/.test(atATime) ? Number(atATime) : atATime;
  refuseUsage(wholeNumber(1, 1_000)("--at-a-time", number).map(({ path, message }) => `${path}: ${message}`));
  return Number(number);
}
