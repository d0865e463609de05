import { safeJson } from "../../checks/report/safe-text";
import { type Difference, isEmpty } from "../difference";
import { type FieldChange, pathText } from "../field-change";

/** A difference for programs. Ends with a line break. */
export function jsonDifference(difference: Difference, more: Readonly<Record<string, unknown>> = {}): string {
  const { objects, files, findings } = difference;
  return safeJson({
    ...more,
    same: isEmpty(difference),
    objects: objects.map((object) => ({ ...object, fields: object.fields.map(fieldData) })),
    files: files.map((file) => ({ ...file, fields: file.fields.map(fieldData) })),
    findings,
  });
}

function fieldData(field: FieldChange): object {
  const path = pathText(field.path);
  if (field.kind === "moved") return { kind: field.kind, path, after: field.after };
  return { ...field, path };
}
