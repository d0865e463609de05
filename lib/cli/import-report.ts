import { styleText } from "node:util";
import { objectName } from "../checks/mesh-object";
import { cut, safeJson, safeText } from "../checks/report/safe-text";
import type { ImportedObjects } from "../import/import-objects";
import type { ImportedConstruct } from "../import/program";
import type { Releases } from "../istio/release";

/** What an import came to. */
export interface ImportReport extends ImportedObjects {
  readonly releases: Releases;
  /** Where the program was written. */
  readonly folder: string;
  /** Documents that are no objects, one line each. */
  readonly passedOver: readonly string[];
}

/** The report as a person reads it. Ends with a line break. */
export function importText(report: ImportReport, colour: boolean): string {
  const { objects, releases, files, folder } = report;
  const head = `${count(objects.length, "object")} for Istio ${releases.istio.text} on Kubernetes ${releases.kubernetes.text}, as data the same as they were read:`;
  const paint = (text: string): string => (colour ? styleText("bold", text, { validateStream: false }) : text);
  const parts = sections(report).filter(({ lines }) => lines.length > 0);
  return [
    head,
    ...files.map(({ path }) => `  ${shown(`${folder}/${path}`)}`),
    ...parts.flatMap(({ title, lines }) => ["", `${paint(title)}`, ...lines.map((line) => `  ${shown(line)}`)]),
    "",
  ].join("\n");
}

/** The report as a program reads it. Ends with a line break. */
export function importJson({ objects, releases, files, folder, leftOut, cleaned, passedOver, missed, program }: ImportReport): string {
  const constructs = constructsOf(program);
  return safeJson({
    istio: releases.istio.text,
    kubernetes: releases.kubernetes.text,
    folder,
    files: files.map(({ path }) => path),
    objects: objects.map(objectName),
    leftOut: leftOut.map(({ object, why }) => ({ object: objectName(object), why })),
    passedOver,
    cleaned: cleaned.map(objectName),
    untyped: constructs
      .filter(({ remarks }) => remarks.length > 0)
      .map((construct) => ({ object: nameOf(construct), why: construct.remarks })),
    canaryServices: canaries(constructs),
    noCanaryServices: missed.map(({ object, missing }) => ({ object: objectName(object), missing })),
    accepted: constructs.flatMap((construct) => construct.accepted.map((acceptance) => ({ object: nameOf(construct), ...acceptance }))),
  });
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

function sections({ leftOut, passedOver, cleaned, missed, program }: ImportReport): readonly Section[] {
  const constructs = constructsOf(program);
  const untyped = constructs.filter(({ remarks }) => remarks.length > 0);
  const accepted = constructs.filter((construct) => construct.accepted.length > 0);
  return [
    { title: "Left out:", lines: leftOut.map(({ object, why }) => `${objectName(object)}: ${why}`) },
    { title: "Passed over:", lines: passedOver },
    { title: "Without status and what else an API server writes:", lines: cleaned.map(objectName) },
    { title: "CanaryService:", lines: canaries(constructs) },
    {
      title: "Divided between versions, and no CanaryService:",
      lines: missed.map(({ object, missing }) => `${objectName(object)}: ${missing.join(" ")}`),
    },
    { title: "Not typed, but as they are, with the reason in a comment:", lines: untyped.map(problemLine) },
    {
      title: "Errors that the checks find in it. Each is accepted by a suppress in the program: put it right, and take the line out:",
      lines: accepted.map((construct) => `${nameOf(construct)}: ${construct.accepted.map(({ code }) => code).join(", ")}`),
    },
  ];
}

function canaries(constructs: readonly ImportedConstruct[]): readonly string[] {
  return constructs.filter((construct) => construct.class === "CanaryService").map(({ objects }) => objects.map(objectName).join(", "));
}

function problemLine(construct: ImportedConstruct): string {
  return `${nameOf(construct)}: ${construct.remarks[1] ?? ""}`;
}

function constructsOf({ charts }: ImportReport["program"]): readonly ImportedConstruct[] {
  return charts.flatMap(({ constructs }) => constructs);
}

function nameOf({ objects: [object] }: ImportedConstruct): string {
  return object === undefined ? "" : objectName(object);
}

function shown(line: string): string {
  return safeText(cut(line, 300));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
