import { type ComparedObject, type Consequence, type ConsequenceRule, levels } from "../consequence";
import { accessChanges } from "./access-changes";
import { immutableFields } from "./immutable-fields";
import { lostObjects } from "./lost-objects";
import { trafficChanges } from "./traffic-changes";
import { workloadChanges } from "./workload-changes";

const rules: readonly ConsequenceRule[] = [lostObjects, immutableFields, accessChanges, trafficChanges, workloadChanges, newVersion];

/** What follows from a change of an object, worst first. */
export function consequencesOf(object: ComparedObject): readonly Consequence[] {
  return rules.flatMap((rule) => rule(object)).sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}

function newVersion({ before, after }: ComparedObject): readonly Consequence[] {
  if (before === undefined || after === undefined || before.apiVersion === after.apiVersion) return [];
  return [
    { level: "note", text: `${before.apiVersion} -> ${after.apiVersion}: the same object by another version, nothing is made anew.` },
  ];
}
