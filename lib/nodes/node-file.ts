/** A file on each node of a pool. */
export interface NodeFile {
  /** Absolute path on the node. */
  readonly path: string;
  /** Text in ASCII, ending with a line break. */
  readonly content: string;
  /** Permissions as chmod writes them. */
  readonly mode: "0644" | "0755";
}
