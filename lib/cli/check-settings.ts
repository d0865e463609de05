import { externalProblems } from "../checks/externals";
import { didYouMean } from "../core/check";
import type { Releases } from "../istio/release";
import { country } from "../nodes/country";
import { type ReleaseOptions, releasesFor } from "./releases";
import { refuseUsage } from "./usage-error";

/** Form of a report. */
export type Format = "text" | "json" | "sarif" | "github";

/** Options of every command that checks files: what is around the objects, as the command line gives it. */
export interface SurroundingsOptions extends ReleaseOptions {
  readonly ignore: readonly string[];
  readonly external: readonly string[];
  readonly meshConfig?: string;
  readonly rules: readonly string[];
  readonly today?: string;
  readonly residency?: string;
}

/** Options of `meshground check`, as the command line gives them. */
export interface CheckOptions extends SurroundingsOptions {
  readonly format: Format;
  readonly strict: boolean;
  readonly output?: string;
}

/** What a check needs to know, read from its options. */
export interface CheckSettings {
  readonly releases: Releases;
  /** Codes that are accepted everywhere, with the reason. */
  readonly ignored: Readonly<Record<string, string>>;
  readonly externals: readonly string[];
  readonly residency: readonly string[];
  readonly today: string;
}

/**
 * Reads the options.
 *
 * @param codes - every code that a check can give
 * @throws UsageError naming everything that is wrong with them.
 */
export function checkSettings(options: SurroundingsOptions, codes: readonly string[]): CheckSettings {
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  const residency = (options.residency ?? "").split(",").filter((code) => code !== "");
  const releases = releasesFor(options);
  refuseUsage([
    ...(Array.isArray(releases) ? releases : []),
    ...options.ignore.flatMap((text) => ignoreProblems(text, codes)),
    ...options.external.flatMap((text) => externalProblems("--external", text)).map(({ path, message }) => `${path}: ${message}`),
    ...residency.flatMap((code) => country("--residency", code)).map(({ path, message }) => `${path}: ${message}`),
    ...(isDay(today) ? [] : [`--today: got "${today}", expected a day such as 2026-11-27.`]),
  ]);
  const ignored = Object.fromEntries(options.ignore.map(ignorePair));
  return { releases: releases as Releases, ignored, externals: options.external, residency, today };
}

function ignorePair(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1).trim()];
}

function ignoreProblems(text: string, codes: readonly string[]): readonly string[] {
  const [code, reason] = ignorePair(text);
  if (!codes.includes(code)) return [`--ignore: no rule has the code "${code}".${hint(didYouMean(code, codes))}`];
  return reason === "" ? [`--ignore: ${code} needs a reason: --ignore "${code}=why it is accepted".`] : [];
}

function hint(text: string | undefined): string {
  return text === undefined ? "" : ` ${text}`;
}

/** Whether a text is a day of the calendar, as `2026-11-27`. */
export function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
