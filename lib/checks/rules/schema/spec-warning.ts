/** Something in a spec that Istio takes, and warns of. */
export interface SpecWarning {
  /** Path of the field in the object. */
  readonly field: string;
  /** What is written, and what becomes of it. */
  readonly message: string;
  /** What to do about it here. */
  readonly fix: string;
}
