/** Classes that may stand in brackets by name: `[[:alpha:]]`. */
const namedClasses: ReadonlySet<string> = new Set(
  ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"].flatMap(
    (name) => [`[:${name}:]`, `[:^${name}:]`],
  ),
);

/** Most that one repetition, or several inside each other, may ask for; and most groups inside each other. */
const limit = 1_000;

const group = /\(\?(?:P?<([^>]*)>|[imsU]*(?:-[imsU]+)?([:)]))/y;
const bounds = /\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y;
const property = /\\[pP](?:\{\^?([^}]*)\}|([A-Za-z]))/y;
const hexadecimal = /\\x(?:\{([\dA-Fa-f]{1,8})\}|([\dA-Fa-f]{2}))/y;
const octal = /\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/y;

/**
 * What is wrong with a regular expression in RE2's syntax, which Istio and Envoy read; undefined when nothing is.
 *
 * It has neither look-around nor backreferences, and no repetition above 1000. Takes time linear in the length of the pattern.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function regexProblem(pattern: string): string | undefined {
  return new Re2Syntax(pattern).problem();
}

/** A character of a pattern: where it ends, and its code; or what is wrong with it. */
type Character = { readonly end: number; readonly code: number } | string;

class Re2Syntax {
  readonly #pattern: string;
  /** Where the last named class could end. */
  readonly #lastNamedEnd: number;
  readonly #names = new Set<string>();
  /** Largest repetition in each open group, the whole pattern first. */
  readonly #weights: number[] = [1];
  #at = 0;
  /** Whether something stands here that can be repeated, whether it is a repetition itself, and what it repeats in all. */
  #repeatable = false;
  #isRepetition = false;
  #weight = 1;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#lastNamedEnd = pattern.lastIndexOf(":]");
  }

  problem(): string | undefined {
    while (this.#at < this.#pattern.length) {
      const problem = this.#step(this.#pattern[this.#at] ?? "");
      if (problem !== undefined) return problem;
    }
    return this.#weights.length > 1 ? "a group is not closed: ) is missing" : undefined;
  }

  #step(character: string): string | undefined {
    switch (character) {
      case "(":
        return this.#open();
      case ")":
        return this.#close();
      case "|":
        return this.#boundary(1);
      case "*":
      case "+":
      case "?":
        return this.#repeat(1, 1);
      case "{":
        return this.#bounded();
      case "[":
        return this.#class();
      case "\\":
        return this.#escape();
      default:
        return this.#item(this.#at + lengthAt(this.#pattern, this.#at));
    }
  }

  /** Something that can be repeated, up to an end. */
  #item(end: number, weight = 1): undefined {
    this.#at = end;
    this.#repeatable = true;
    this.#isRepetition = false;
    this.#setWeight(weight);
  }

  /** Something after which there is nothing to repeat yet. */
  #boundary(length: number): undefined {
    this.#at += length;
    this.#repeatable = false;
    this.#isRepetition = false;
  }

  #setWeight(weight: number): void {
    this.#weight = weight;
    const top = this.#weights.length - 1;
    this.#weights[top] = Math.max(this.#weights[top] ?? 1, weight);
  }

  #open(): string | undefined {
    if (this.#weights.length > limit) return `there are more than ${limit} groups inside each other`;
    if (this.#pattern[this.#at + 1] !== "?") return this.#enter(1);
    const found = matchAt(group, this.#pattern, this.#at);
    if (found === undefined) return `${shortly(this.#pattern, this.#at)} is not known there: RE2 has no look-around`;
    const [whole, name, end] = found;
    if (name !== undefined && (!/^\w+$/.test(name) || this.#names.has(name))) return `the group's name ${name} is none, or used before`;
    if (name !== undefined) this.#names.add(name);
    if (end !== ")") return this.#enter(whole.length);
    this.#at += whole.length;
    this.#isRepetition = false;
    return undefined;
  }

  #enter(length: number): undefined {
    this.#weights.push(1);
    return this.#boundary(length);
  }

  #close(): string | undefined {
    if (this.#weights.length === 1) return ") closes nothing";
    return this.#item(this.#at + 1, this.#weights.pop());
  }

  #bounded(): string | undefined {
    const found = matchAt(bounds, this.#pattern, this.#at);
    if (found === undefined) return this.#item(this.#at + 1);
    const [whole, least = "0", open, most] = found;
    const times = Number(most ?? least);
    if (Number(least) > limit || times > limit) return `${shortly(whole, 0)} repeats more than ${limit} times`;
    if (open !== undefined && times < Number(least)) return `${whole} ends before it begins`;
    return this.#repeat(whole.length, Math.max(times, 1));
  }

  #repeat(length: number, times: number): string | undefined {
    const operator = this.#pattern.slice(this.#at, this.#at + length);
    if (!this.#repeatable) return `${operator} has nothing to repeat`;
    if (this.#isRepetition) return `${operator} repeats a repetition: put it into a group`;
    const weight = this.#weight * times;
    if (weight > limit) return `${operator} and the repetitions in it make more than ${limit}`;
    this.#item(this.#at + length + (this.#pattern[this.#at + length] === "?" ? 1 : 0), weight);
    this.#isRepetition = true;
    return undefined;
  }

  #escape(): string | undefined {
    const letter = this.#pattern[this.#at + 1] ?? "";
    if (letter !== "" && "AbBzdDsSwW".includes(letter)) return this.#item(this.#at + 2);
    if (letter === "Q") return this.#literal();
    const end = /[pP]/.test(letter) ? this.#property(this.#at) : this.#character(this.#at);
    if (typeof end === "string") return end;
    return this.#item(typeof end === "number" ? end : end.end);
  }

  /** `\Q` to `\E`, or to the end. */
  #literal(): undefined {
    const end = this.#pattern.indexOf("\\E", this.#at + 2);
    const isEmpty = end === this.#at + 2 || this.#pattern.length === this.#at + 2;
    const next = end === -1 ? this.#pattern.length : end + 2;
    if (!isEmpty) return this.#item(next);
    this.#at = next;
    return undefined;
  }

  /** End of a class by Unicode's name. */
  #property(at: number): number | string {
    const [whole, name, letter] = matchAt(property, this.#pattern, at) ?? [];
    if (whole === undefined || !isProperty(name ?? letter ?? "")) return `${shortly(this.#pattern, at)} names no class of Unicode`;
    return at + whole.length;
  }

  #class(): string | undefined {
    const start = this.#at + (this.#pattern[this.#at + 1] === "^" ? 2 : 1);
    let at = start;
    while (at < this.#pattern.length && (this.#pattern[at] !== "]" || at === start)) {
      const end = this.#classPart(at);
      if (typeof end === "string") return end;
      at = end;
    }
    return at < this.#pattern.length ? this.#item(at + 1) : "a class is not closed: ] is missing";
  }

  /** End of a part of a class: a named class, or a range. */
  #classPart(at: number): number | string {
    const two = this.#pattern.slice(at, at + 2);
    if (two === "[:" && this.#lastNamedEnd >= at + 2) return this.#namedClass(at);
    if (two === "\\p" || two === "\\P") return this.#property(at);
    if (/^\\[dDsSwW]/.test(two)) return at + 2;
    const low = this.#classCharacter(at);
    if (typeof low === "string") return low;
    const last = this.#pattern[low.end + 1];
    if (this.#pattern[low.end] !== "-" || last === undefined || last === "]") return low.end;
    const high = this.#classCharacter(low.end + 1);
    if (typeof high === "string") return high;
    return high.code < low.code ? `the range ${this.#pattern.slice(at, high.end)} runs backwards` : high.end;
  }

  #namedClass(at: number): number | string {
    const end = this.#pattern.indexOf(":]", at + 2) + 2;
    return namedClasses.has(this.#pattern.slice(at, end)) ? end : `${shortly(this.#pattern, at)} names no class`;
  }

  #classCharacter(at: number): Character {
    if (this.#pattern[at] === "\\") return this.#character(at);
    return { end: at + lengthAt(this.#pattern, at), code: this.#pattern.codePointAt(at) ?? 0 };
  }

  /** A character that is written with a backslash. */
  #character(at: number): Character {
    const letter = this.#pattern[at + 1];
    if (letter === undefined) return "it ends with a backslash";
    if (/[afnrtv]/.test(letter)) return { end: at + 2, code: "\x07\f\n\r\t\v".charCodeAt("afnrtv".indexOf(letter)) };
    if (/[!-/:-@[-`{-~ ]/.test(letter) || letter < " ") return { end: at + 2, code: letter.charCodeAt(0) };
    const [hex, long, short] = matchAt(hexadecimal, this.#pattern, at) ?? [];
    const code = Number.parseInt(long ?? short ?? "", 16);
    if (hex !== undefined && code <= 0x10ffff) return { end: at + hex.length, code };
    const [eight, digits = ""] = matchAt(octal, this.#pattern, at) ?? [];
    if (eight !== undefined) return { end: at + eight.length, code: Number.parseInt(digits, 8) };
    return `\\${letter} is not known${/[1-9]/.test(letter) ? ": RE2 has no backreferences" : ""}`;
  }
}

function matchAt(expression: RegExp, text: string, at: number): readonly [string, ...(string | undefined)[]] | undefined {
  expression.lastIndex = at;
  const found = expression.exec(text);
  return found === null ? undefined : [found[0], ...found.slice(1)];
}

/** Length of a character, which may be a pair. Unit: UTF-16 code units. */
function lengthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Whether Unicode has a category or a script of a name, as RE2 knows them. */
function isProperty(name: string): boolean {
  if (name === "Any") return true;
  if (!/^[A-Za-z_]{1,40}$/.test(name)) return false;
  return [`\\p{gc=${name}}`, `\\p{sc=${name}}`].some((expression) => {
    try {
      return new RegExp(expression, "u").unicode;
    } catch {
      return false;
    }
  });
}

/** The start of what stands at a place, for a message. */
function shortly(text: string, at: number): string {
  return text.slice(at, at + 12);
}
