/** A step of a field path: the name of a field, or the index of a list. */
export type Step = string | number;

const step = /(?:^|\.)([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/**
 * The steps of a path such as `spec.http[0].route` or `metadata.annotations["a.b/c"]`: the inverse of `join`.
 *
 * What follows a part that is no step is left out, so a path made by a rule of anybody's still leads somewhere.
 */
export function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < path.length) {
    const [, name, index, quoted] = step.exec(path) ?? [];
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(Number(index));
    else if (quoted === undefined) break;
    else steps.push(unquoted(quoted));
  }
  return steps;
}

function unquoted(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json.slice(1, -1);
  }
}
