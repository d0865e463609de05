import { styleText } from "node:util";
import { safeJson } from "../checks/report/safe-text";
import { catalogue, type IstioMinor } from "../istio/catalogue";
import { endText, factsOf, kubernetesOf, type SupportState, supportState, tryRelease } from "../istio/release-facts";
import { kubernetesRange } from "../istio/releases-page";
import { isDay } from "./check-settings";
import type { Console } from "./console";
import { textTable } from "./text-table";
import { refuseUsage } from "./usage-error";

/** Options of `meshground versions`, as the command line gives them. */
export interface VersionsOptions {
  readonly istio?: string;
  readonly today?: string;
  readonly json: boolean;
}

/**
 * Runs `meshground versions`.
 *
 * @throws UsageError for a day that is none and a release that the catalogue does not have.
 */
export function versions({ istio, today = new Date().toISOString().slice(0, 10), json }: VersionsOptions, console: Console): void {
  const row = istio === undefined ? undefined : tryRelease(istio);
  refuseUsage([
    ...(isDay(today) ? [] : [`--today: got "${today}", expected a day such as 2026-11-27.`]),
    ...(istio === undefined || row !== undefined ? [] : [`--istio: got "${istio}", expected a release from ${spanOfCatalogue}.`]),
  ]);
  if (json)
    console.write(safeJson(row === undefined ? { today, istio: catalogue.map(listed(today)) } : { today, ...detailed(row, today) }));
  else console.write(row === undefined ? listText(today, console.colour) : detailText(row, today));
}

const spanOfCatalogue = `${catalogue[0]?.minor} to ${catalogue.at(-1)?.minor}`;

/** A release with what holds of it on a day. */
interface Listed extends Pick<IstioMinor, "minor" | "lastPatch" | "released" | "endOfLife"> {
  readonly state: SupportState;
  readonly kubernetes: ReturnType<typeof kubernetesOf>;
}

function listed(today: string): (row: IstioMinor) => Listed {
  return (row) => {
    const { minor, lastPatch, released, endOfLife } = row;
    const state = supportState(row, today);
    return { minor, lastPatch, released, ...(endOfLife !== undefined && { endOfLife }), state, kubernetes: kubernetesOf(row) };
  };
}

function detailed(row: IstioMinor, today: string): object {
  const { apiVersions, charts, features, verified } = row;
  return { ...listed(today)(row), apiVersions, charts, features, verified };
}

function listText(today: string, colour: boolean): string {
  const states = catalogue.map((row) => supportState(row, today));
  const head = ["ISTIO", "NEWEST PATCH", "RELEASED", "SUPPORTED UNTIL", "KUBERNETES", today];
  const cells = catalogue.map((row, index) => [
    row.minor,
    row.lastPatch,
    row.released,
    endText(row.endOfLife),
    kubernetesRange(row),
    stateTexts[states[index] ?? "unknown"],
  ]);
  const [first = "", ...lines] = textTable([head, ...cells]);
  const isDim = (index: number): boolean => colour && states[index] !== "supported" && states[index] !== "unknown";
  const shown = lines.map((line, index) => (isDim(index) ? styleText("dim", line, { validateStream: false }) : line));
  return [first, ...shown, "", "One release in detail: meshground versions --istio 1.30", ""].join("\n");
}

const stateTexts: Readonly<Record<SupportState, string>> = {
  supported: "supported",
  ended: "no longer supported",
  "not released": "not released yet",
  unknown: "released, no end published",
};

function detailText(row: IstioMinor, today: string): string {
  const kubernetes = kubernetesOf(row).map(
    ({ minor, endOfLife }) => `${minor} (${endOfLife === undefined ? "end not known" : `until ${endOfLife}`})`,
  );
  const rows = [
    ["newest patch known", row.lastPatch],
    ["released", row.released],
    ["supported until", endText(row.endOfLife)],
    [`on ${today}`, stateTexts[supportState(row, today)]],
    ["Kubernetes", kubernetes.join(", ")],
    ...factsOf(row),
    ["verified by", row.verified],
  ];
  return [`Istio ${row.minor}`, "", ...textTable(rows).map((line) => `  ${line}`), ""].join("\n");
}
