/** Thrown where a value cannot be written. Carries nothing: whoever catches it knows the value and looks for the reason. */
export const notPlain: Error = new Error("not plain data");

/** Thrown where a value has more levels than {@link deepest}. */
export const tooDeep: Error = new Error("too deep");

/** Levels of a document. Nothing in a cluster is deeper; what is, mostly contains itself. */
export const deepest: number = 500;
