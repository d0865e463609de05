import type { Position } from "../mesh-object";
import { fieldOffsets } from "./careful-reader";
import { type Step, stepsOf } from "./field-path";
import { LineIndex } from "./line-index";
import { PlainPlaces } from "./plain-places";

/** The text of a document that somebody asks places of. */
export class DocumentText {
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #firstLine: number;
  #plain: PlainPlaces | undefined;
  #offsetOf: ((steps: readonly Step[]) => number) | undefined;

  /**
   * @param firstLine - number of the line in the file that the document begins with
   * @param isPlain - whether the fast reader took it
   */
  constructor(text: string, firstLine: number, isPlain: boolean) {
    if (isPlain) this.#plain = new PlainPlaces(text);
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
    const steps = stepsOf(field);
    return this.at(this.#plain?.offsetOf(steps) ?? this.#carefulOffset(steps));
  }

  #carefulOffset(steps: readonly Step[]): number {
    this.#offsetOf ??= fieldOffsets(this.#text);
    return this.#offsetOf(steps);
  }
}
