import type { Derivation, ObjectGraph } from "../object-graph";

/**
 * The answer to a question that many objects put: it is found once.
 *
 * @param memory - makes an empty map; one function of a module for each kind of question
 */
export function remembered<Answer>(
  graph: ObjectGraph,
  memory: Derivation<Map<string, Answer>>,
  question: string,
  find: () => Answer,
): Answer {
  const known = graph.derive(memory);
  const answer = known.get(question);
  if (answer !== undefined) return answer;
  const found = find();
  known.set(question, found);
  return found;
}
