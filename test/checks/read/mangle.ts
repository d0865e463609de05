import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { allTexts } from "../../../lib/checks/rules/all-rules";

/** Number of documents of the tests that mangle: 2,000 unless the environment asks for more. */
export const documents: number = Number(process.env.MESHGROUND_MANGLED ?? 2000);

/** Scalars, keys and ends of lines that readers disagree about, or stumble over. */
export const hostile: readonly string[] = [
  ..."1e3 0x1F 0o7 012 1_000 ~ null Null yes ON y N .5 +1 -0 - 2001-01-01 << *a &a\u00a0x !x %a @a `a a:b a#b #b".split(" "),
  ...".inf .NaN -.inf 1. 1.0 1.50 00 0 0.0 1e400 123456789012345678901234 9007199254740993 0b11 -0x1F +012 08 1__0".split(" "),
  ..."_1 1_ 0x 1:30 nO tRue FALSE Off a] a} a{ a[ a&b a* a!b a|b a>b a'b a\"b a\\b a%b a@b \"a 'a $x ! & * = == :a :: a: ?a".split(" "),
  ...'... --- --a -1 - ? [] {} [a] {a} [a,b] [-1] [*a] {"a":1} <<: x: __proto__: constructor: 1: true: on: é \u00a0 \u2028 \ufeff \u0085'.split(
    " ",
  ),
  ...[
    "a: b",
    "a #b",
    "!!str 1",
    '"a"',
    "'a'",
    "'it''s'",
    '"a\\n"',
    '"\\x41"',
    '"\\u00e9"',
    '"\\ud83d"',
    "[a, b]",
    "{a: b}",
    "{a: 1, a: 2}",
  ],
  ...[
    "[a, ]",
    "{ a: [1, {b: c}] }",
    "[a b]",
    '{"a": 1}',
    "|\n        x\n         y",
    "|-\n        x\n\n        y",
    "|+\n  x\n\n",
    ">\n        x",
  ],
  ...[
    ">-\n  x\n  y",
    "|2\n  x",
    "? a",
    "- a",
    "- - a",
    '"a" b',
    "'a' b",
    '"a"#c',
    '"a" #c',
    "[a]#c",
    "[a] #c",
    "[a] b",
    "{{ x }}",
    '"{{ x }}"',
  ],
  ...[
    "\t",
    "a\tb",
    "\r",
    "a\r",
    "\0",
    "\x7f",
    "  ",
    "a  ",
    "a  # c",
    "a:  ",
    `${"x".repeat(600)}: 1`,
    "a, b",
    "",
    " ",
    "\n",
    "- ",
    ": ",
    " #",
  ],
];
const lines: readonly string[] = [
  "#c",
  "",
  "  ",
  "\t",
  "- x",
  "k: v",
  "- k: v",
  "-",
  "k:",
  "|",
  " #",
  "metadata:",
  "spec: []",
  "items: {}",
];
const ends: readonly string[] = ["  ", " # c", "#c", " :", " -", ":", " \\", "\t", "\r", " |", " &a", " *a"];

/** Numbers that look random, and are the same for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Every form that the fast reader knows, close together: what is mangled here is mangled where it counts. */
export const forms = `# comment
apiVersion: v1
kind: ConfigMap
metadata:
  name: forms
  labels: { app: forms, "a.b/c": 'it''s', count: 1, list: [a, "b", [1, {c: d}], {}] }
  app: not twice
  annotations:
    "quoted": "a \\"b\\" \\u00e9 \\n"
    'single': 'it''s #1: "x"'
    plain: a:b
    url: https://example.no:8443/x#y  # comment
data:
  literal: |
    first

      further: in
      - no: item
    "last" \\ one
  stripped: |-
    one

    two


  folded: >
    one
    two
  folded-stripped: >-
    one
    two
spec:
  http:
  - name: a
    nested:
    - - 1
      - 0x1F
    -
      x: yes
      "y": ~
    - z: |
        deep
         deeper
      # comment
      w: -1.5
  empty:
  list: []
  map: {}
  last:
    - "x"
    - 'y'
    - z # c
`;

/** Manifests as people and programs write them: those of the rules' examples and the golden files. */
const manifests: readonly string[] = [
  ...allTexts.flatMap(({ example }) => (example === undefined ? [] : [example.bad, example.good])),
  ...filesBelow(join(__dirname, "../../golden")).map((file) => readFileSync(file, "utf8")),
]
  .flatMap((text) => text.split(/^---.*$/m))
  .filter((text) => text.trim() !== "" && text.length < 6000)
  .flatMap((text, index) => (index % 5 === 0 ? [text, forms] : [text]));

type Mangling = (text: string, roll: (below: number) => number) => string;

function onLine(change: (line: string, roll: (below: number) => number) => readonly string[]): Mangling {
  return (text, roll) => {
    const all = text.split("\n");
    const at = roll(all.length);
    all.splice(at, 1, ...change(all[at] ?? "", roll));
    return all.join("\n");
  };
}

const one = (list: readonly string[], roll: (below: number) => number): string => list[roll(list.length)] ?? "";

const manglings: readonly Mangling[] = [
  onLine((line, roll) => [line.replace(/([:-] ).*$/, (_, mark: string) => `${mark}${one(hostile, roll)}`)]),
  onLine((line, roll) => [line.replace(/^(\s*(?:- )?)[^:]*:/, (_, before: string) => `${before}${one(hostile, roll)}:`)]),
  onLine((line, roll) => [`${" ".repeat(roll(4))}${line}`]),
  onLine((line) => [line.replace(/^ {1,2}/, "")]),
  onLine((line) => [line, line]),
  onLine(() => []),
  onLine((line, roll) => [`${" ".repeat(roll(8))}${one(lines, roll)}`, line]),
  onLine((line, roll) => [`${line}${one(ends, roll)}`]),
  (text, roll) => splice(text, roll(text.length + 1), 0, one(hostile, roll)),
  (text, roll) => splice(text, roll(text.length), 1 + roll(3), ""),
  (text, roll) => text.slice(0, roll(text.length + 1)),
  (text, roll) => splice(text, roll(text.length), 0, text.slice(roll(text.length)).slice(0, 80)),
];

function splice(text: string, at: number, length: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at + length);
}

/** A manifest with up to four faults in it. */
export function mangled(seed: number): string {
  const roll = dice(seed);
  let text = one(manifests, roll);
  for (let count = roll(5); count > 0; count--) text = manglings[roll(manglings.length)]?.(text, roll) ?? text;
  return text;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => join(folder, name));
}
