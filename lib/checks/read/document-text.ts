import type { Position } from "../mesh-object";
import { fieldOffsets } from "./careful-reader";
import { type Step, stepsOf } from "./field-path";
import { JsonPlaces } from "./json-places";
import { LineIndex } from "./line-index";
import { PlainPlaces } from "./plain-places";
import type { DocumentForm } from "./read-documents";

/** The text of a document that somebody asks places of. */
export class DocumentText {
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #firstLine: number;
  readonly #form: DocumentForm;
  #places: PlainPlaces | JsonPlaces | undefined;
  #offsetOf: ((steps: readonly Step[]) => number) | undefined;

  /**
   * @param firstLine - number of the line in the file that the document begins with
   * @param form - what it is written in: places are found faster in some
   */
  constructor(text: string, firstLine: number, form: DocumentForm) {
    this.#form = form;
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
    if (this.#form === "plain") this.#places ??= new PlainPlaces(this.#text);
    if (this.#form === "json") this.#places ??= new JsonPlaces(this.#text);
    return this.at(this.#places?.offsetOf(steps) ?? this.#carefulOffset(steps));
  }

  #carefulOffset(steps: readonly Step[]): number {
    this.#offsetOf ??= fieldOffsets(this.#text);
    return this.#offsetOf(steps);
  }
}
