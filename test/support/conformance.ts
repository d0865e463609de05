/** Types that hold ours against those that others make from CRDs. Nothing here runs: the compiler is the test. */

/** Theirs are mutable. */
export type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** The path of every field, `[]` for the items of a list and `{}` for the values of a map. Distributes over unions. */
type Paths<T> = T extends readonly (infer Item)[]
  ? "" | `[]${Paths<Item>}`
  : T extends object
    ? string extends keyof T
      ? "" | `{}${Paths<T[string & keyof T]>}`
      : "" | Fields<T>
    : "";
type Fields<T> = { [Key in keyof T & string]-?: `.${Key}${Paths<NonNullable<T[Key]>>}` }[keyof T & string];

/** Refuses any member, and so names what is missing. */
export type None<T extends never> = T;
/** Ours can stand where theirs is wanted. */
export type Fits<Theirs, Ours extends Theirs> = Ours;
/** Their fields that ours lack. */
export type Missing<Theirs, Ours, LeftOut extends string = never> = Exclude<Paths<Theirs>, Paths<Ours> | LeftOut>;
/** Our fields that theirs lack. */
export type Invented<Theirs, Ours, Newer extends string = never> = Exclude<Paths<Ours>, Paths<Theirs> | Newer>;
