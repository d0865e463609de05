/** What a token is; a word, a keyword and a sign are told apart by their text. */
type TokenKind = "whole" | "decimal" | "text" | "word" | "sign";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

/** What an expression is, as far as macros ask. Of a `word`, and of a `name` of several, a message may be made; not so when they are in parentheses. */
type Form = "word" | "name" | "variable" | "field" | "other";

/** The same in parentheses, or at the end of what is written together. */
const closed: Readonly<Record<Form, Form>> = { word: "variable", name: "field", variable: "variable", field: "field", other: "other" };

const blank = /(?:[\t\n\f\r ]|\/\/[^\n]*)+/y;
const decimal = /(?:\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.\d+(?:[eE][-+]?\d+)?)/y;
const whole = /(?:0x[\dA-Fa-f]+|\d+)[uU]?/y;
const escaped = String.raw`\\(?:[abfnrtv"'\`?\\]|[xX][\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[0-3][0-7]{2})`;
const quoted = (['"', "'"] as const).flatMap((quote) => [
  String.raw`[bB]?${quote}{3}(?:${escaped}|[^\\])*?${quote}{3}`,
  `[bB]?[rR]${quote}{3}(?:.|\\s)*?${quote}{3}`,
  String.raw`[bB]?${quote}(?:${escaped}|[^\\${quote}\n\r])*${quote}`,
  String.raw`[bB]?[rR]${quote}[^${quote}\n\r]*${quote}`,
]);
const text = new RegExp(`(?:${quoted.join("|")})`, "y");
const word = /[A-Za-z_]\w*/y;
const sign = /(?:&&|\|\||[<>=!]=|[-<>+*/%!?:.,()[\]{}])/y;
const kinds: readonly (readonly [TokenKind, RegExp])[] = [
  ["text", text],
  ["decimal", decimal],
  ["whole", whole],
  ["word", word],
  ["sign", sign],
];

const keywords: ReadonlySet<string> = new Set(["true", "false", "null", "in"]);
/** Words that no variable or function has. @see https://github.com/google/cel-spec/blob/v0.24.0/doc/langdef.md#syntax */
const reserved: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);
/** Binary operators, the weakest first. */
const levels: readonly ReadonlySet<string>[] = [
  new Set(["||"]),
  new Set(["&&"]),
  new Set(["<", "<=", ">=", ">", "==", "!=", "in"]),
  new Set(["+", "-"]),
  new Set(["*", "/", "%"]),
];
/** Macros that name a variable first, and how many arguments each has. */
const comprehensions: ReadonlySet<string> = new Set(["all 2", "exists 2", "exists_one 2", "existsOne 2", "filter 2", "map 2", "map 3"]);
/** Expressions inside each other that a parser takes at most. */
const deepest = 250;

/**
 * What is wrong with the syntax of an expression in the Common Expression Language; undefined when nothing is.
 *
 * As istiod parses it: without looking whether a variable or function is there.
 *
 * @see https://github.com/google/cel-spec/blob/v0.24.0/doc/langdef.md#syntax
 */
export function celProblem(expression: string): string | undefined {
  try {
    new CelSyntax(tokens(expression)).whole();
    return undefined;
  } catch (error) {
    if (error instanceof CelError) return error.message;
    throw error;
  }
}

class CelError extends Error {
  constructor(at: number, message: string) {
    super(`${message} at character ${at + 1}`);
  }
}

function tokens(expression: string): readonly Token[] {
  const found: Token[] = [];
  let at = lengthOf(blank, expression, 0);
  while (at < expression.length) {
    const token = tokenAt(expression, at);
    found.push(token);
    at += token.text.length;
    at += lengthOf(blank, expression, at);
  }
  return [...found, { kind: "sign", text: "", at }];
}

function tokenAt(expression: string, at: number): Token {
  for (const [kind, pattern] of kinds) {
    const length = lengthOf(pattern, expression, at);
    if (length > 0) return { kind, text: expression.slice(at, at + length), at };
  }
  throw new CelError(at, `${JSON.stringify(String.fromCodePoint(expression.codePointAt(at) ?? 0))} is nothing that can stand`);
}

function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}

class CelSyntax {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): void {
    this.#expression();
    if (this.#text !== "") throw this.#unexpected("an operator or the end");
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  /** Text of the sign or keyword that comes next; undefined for anything else. */
  get #text(): string | undefined {
    const { kind, text } = this.#token;
    return kind === "sign" || (kind === "word" && keywords.has(text)) ? text : undefined;
  }

  #unexpected(expected: string): CelError {
    const { text, at } = this.#token;
    return new CelError(at, `${text === "" ? "the end" : JSON.stringify(text)} stands where ${expected} is expected,`);
  }

  /** Whether the sign comes next; then it is passed over. */
  #passes(text: string): boolean {
    if (this.#text !== text) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#passes(text)) throw this.#unexpected(JSON.stringify(text));
  }

  #expression(): Form {
    if (++this.#depth > deepest) throw new CelError(this.#token.at, "too many expressions stand inside each other");
    const form = this.#binary(0);
    const choice = this.#passes("?");
    if (choice) {
      this.#binary(0);
      this.#expect(":");
      this.#expression();
    }
    this.#depth--;
    return choice ? "other" : form;
  }

  #binary(level: number): Form {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    const first = this.#binary(level + 1);
    let alone = true;
    while (operators.has(this.#text ?? "none")) {
      this.#next++;
      this.#binary(level + 1);
      alone = false;
    }
    return alone ? first : "other";
  }

  /** Either nots or minuses; a number may have a minus of its own after nots. */
  #unary(): Form {
    const operator = this.#text;
    if (operator !== "!" && operator !== "-") return this.#member();
    while (this.#passes(operator));
    const isSigned = operator === "-" || this.#passes("-");
    const isNumber = this.#token.kind === "whole" || this.#token.kind === "decimal";
    if (operator === "!" && isSigned && !isNumber) throw this.#unexpected("a number");
    this.#member(isSigned);
    return "other";
  }

  #member(isSigned: boolean = false): Form {
    let form = this.#primary(isSigned);
    for (;;) {
      if (this.#passes(".")) form = this.#field(form);
      else if (this.#passes("[")) {
        this.#expression();
        this.#expect("]");
        form = "other";
      } else if ((form === "word" || form === "name") && this.#passes("{")) {
        this.#entries("}", () => this.#word());
        form = "other";
      } else return closed[form];
    }
  }

  #field(of: Form): Form {
    const { text: name, at } = this.#word();
    if (!this.#passes("(")) return of === "word" || of === "name" ? "name" : "field";
    this.#call(name, at, comprehensions);
    return "other";
  }

  #primary(isSigned: boolean): Form {
    const { kind, text, at } = this.#token;
    if (kind === "word" && !keywords.has(text)) return this.#variable();
    this.#next++;
    if (kind === "sign") return this.#enclosed(text);
    if (text === "in") throw this.#unexpectedBefore();
    if (kind === "whole" || kind === "decimal") checkNumber(text, { at, isSigned });
    if (kind === "text") checkText(text, at);
    return "other";
  }

  #enclosed(sign: string): Form {
    if (sign === ".") return this.#variable();
    if (sign === "(") {
      const form = this.#expression();
      this.#expect(")");
      return form;
    }
    if (sign === "[") this.#list("]", true);
    else if (sign === "{") this.#entries("}", () => this.#expression());
    else throw this.#unexpectedBefore();
    return "other";
  }

  #unexpectedBefore(): CelError {
    this.#next--;
    return this.#unexpected("a value");
  }

  #variable(): Form {
    const { text, at } = this.#word();
    if (reserved.has(text)) throw new CelError(at, `${JSON.stringify(text)} is a reserved word`);
    if (!this.#passes("(")) return "word";
    this.#call(text, at, noMacros);
    return "other";
  }

  #word(): Token {
    const token = this.#token;
    if (token.kind !== "word" || keywords.has(token.text)) throw this.#unexpected("a name");
    this.#next++;
    return token;
  }

  #call(name: string, at: number, macros: ReadonlySet<string>): void {
    const forms = this.#list(")", false);
    if (macros.has(`${name} ${forms.length}`) && forms[0] !== "variable") throw new CelError(at, `${name}() names no variable first,`);
    if (macros === noMacros && name === "has" && forms.length === 1 && forms[0] !== "field")
      throw new CelError(at, "has() asks for no field,");
  }

  /** Expressions up to the sign that ends them. */
  #list(end: string, mayTrail: boolean): readonly Form[] {
    const forms: Form[] = [];
    while (!this.#passes(end)) {
      forms.push(this.#expression());
      if (this.#passes(end)) break;
      this.#expect(",");
      if (!mayTrail && this.#text === end) throw this.#unexpected("a value");
    }
    return forms;
  }

  /** Keys and values up to the sign that ends them. */
  #entries(end: string, key: () => unknown): void {
    while (!this.#passes(end)) {
      key();
      this.#expect(":");
      this.#expression();
      if (this.#passes(end)) break;
      this.#expect(",");
    }
  }
}

const noMacros: ReadonlySet<string> = new Set();

function checkNumber(text: string, { at, isSigned }: { at: number; isSigned: boolean }): void {
  const isWhole = /^(?:\d+|0x[\dA-Fa-f]+)[uU]?$/.test(text);
  const most = /u$/i.test(text) ? 2n ** 64n - 1n : 2n ** 63n - (isSigned ? 0n : 1n);
  const tooLarge = isWhole ? BigInt(text.replace(/u$/i, "")) > most : !Number.isFinite(Number(text));
  if (tooLarge) throw new CelError(at, `${text} is too large a number`);
}

/** Escaped characters that are there; bytes have none by their number in Unicode. */
function checkText(text: string, at: number): void {
  if (/^[bB]?[rR]/.test(text)) return;
  for (const [sequence, short, long] of text.matchAll(/\\(?:u(.{4})|U(.{8})|.)/gs)) {
    const digits = short ?? long;
    if (digits === undefined) continue;
    const code = Number.parseInt(digits, 16);
    if (/^[bB]/.test(text) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new CelError(at, `${sequence} is no character`);
  }
}
