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
  /** Whether somebody sits at standard error, and so may want to see progress. */
  readonly errorIsTerminal: boolean;
  /** Whether standard output shows colours. */
  readonly colour: boolean;
  /** Width of standard output. Unit: characters. @default 80 */
  readonly columns?: number;
  /** Has a listener called when somebody interrupts (Ctrl-C) in place of ending the program, until what it returns is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
}
