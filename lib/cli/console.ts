/** Where a command reads and writes. */
export interface Console {
  /** All of standard input. */
  readonly stdin: () => Promise<Buffer>;
  /** Whether somebody sits at standard input, so that waiting for it would be waiting for them. */
  readonly stdinIsTerminal: boolean;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
  /** Writes to standard error. */
  readonly error: (text: string) => void;
  /** Whether standard output shows colours. */
  readonly colour: boolean;
  /** Width of standard output. Unit: characters. @default 80 */
  readonly columns?: number;
}
