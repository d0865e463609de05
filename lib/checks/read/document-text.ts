import type { Position } from "../mesh-object";
import { fieldOffsets } from "./careful-reader";
import { type Step, stepsOf } from "./field-path";
import { LineIndex } from "./line-index";

/** The text of a document that somebody asks places of. */
export class DocumentText {
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #firstLine: number;
  #offsetOf: ((steps: readonly Step[]) => number) | undefined;

  /** @param firstLine - number of the line in the file that the document begins with */
  constructor(text: string, firstLine: number) {
    this.#text = text;
    this.#lines = new LineIndex(text);
    this.#firstLine = firstLine;
  }

  /** Place of a character. */
  at(offset: number): Position {
    const { line, column } = this.#lines.position(offset);
    return { line: line + this.#firstLine - 1, column };
  }

  /** Place of a field, or of the nearest around it that is written. */
  of(field: string): Position {
    this.#offsetOf ??= fieldOffsets(this.#text);
    return this.at(this.#offsetOf(stepsOf(field)));
  }
}
