/** What is used here of markdown-it, the reader of TypeDoc. */
interface Token {
  type: string;
  tag: string;
  content: string;
  nesting: -1 | 0 | 1;
  children: Token[] | null;
}
interface Parsed {
  readonly tokens: readonly Token[];
  readonly Token: new (type: string, tag: string, nesting: Token["nesting"]) => Token;
}
interface MarkdownIt {
  readonly core: { readonly ruler: { push(name: string, rule: (state: Parsed) => void): void } };
}

/**
 * Keeps code in the anchors of headings and in the list of a page's headings, as hosts of git do.
 *
 * TypeDoc takes text only: a heading of nothing but code would have no anchor at all. So code becomes text inside of an element.
 */
export function keepHeadingCode(reader: MarkdownIt): void {
  reader.core.ruler.push("meshground-heading-code", ({ tokens, Token }) => {
    const element = (code: Token): Token[] => {
      const text = new Token("text", "", 0);
      text.content = code.content;
      return [new Token("code_open", "code", 1), text, new Token("code_close", "code", -1)];
    };
    for (const [place, token] of tokens.entries()) {
      if (tokens[place - 1]?.type !== "heading_open" || token.children === null) continue;
      token.children = token.children.flatMap((child) => (child.type === "code_inline" ? element(child) : [child]));
    }
  });
}
