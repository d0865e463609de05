import fc from "fast-check";

/** Texts that some YAML reader takes for something else, or trips over. */
export const traps: readonly string[] = [
  ..."y Y n N yes Yes YES no No NO true True TRUE false FALSE on On ON off Off OFF ~ null Null NULL".split(" "),
  ..."0 1 -1 +1 017 0o7 0x1F 0b1 1_000 1e3 1E3 1.5 1. .5 1e 1e+3 -.5e-3 e1 E5 e-1 12:30 1:2:3.5 190:20:30".split(" "),
  ..."0o17 08 09 9_9 0_ _1 _ ._ .inf -.inf +.Inf .INF .nan .NaN NaN nan inf Infinity -Infinity 1.2.3 10.0.0.0/8 100m 5s 25% 12E 1k".split(
    " ",
  ),
  ..."2001-01-01 2001-01-01T00:00:00Z 2001-1-1 = << - -- --- --x --x=y:z -c -1x ... ? : ! & * | > % @ ` , [ ] { } # ' \"".split(" "),
  ...[
    "2001-12-14 21:59:43.10 -05:00",
    "--- a",
    "... b",
    "- a",
    "? a",
    ": a",
    "a: b",
    "a :b",
    "a:b",
    "a:",
    "a #b",
    "a#b",
    "#a",
    "!a",
    "!!int 1",
  ],
  ...[
    "&a",
    "*a",
    "*.example.no",
    "|",
    "|-",
    ">",
    "%YAML 1.1",
    "@a",
    "`a`",
    "{a}",
    "[a]",
    "{a: b}",
    "a, b",
    "'a'",
    '"a"',
    "don't",
    "\\",
    "\\n",
  ],
  ...[
    "",
    " ",
    "  ",
    " a",
    "a ",
    "a  b",
    "\t",
    "\ta",
    "a\t",
    "a\tb",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "\na",
    "a\nb",
    "a\n\nb\n",
    "a \nb",
    "a\n b\n",
  ],
  ...[
    "a\n\tb\n",
    "\ta\nb",
    " a\nb",
    "#!/bin/sh\necho 'a: b' # c\n",
    "---\na: b\n",
    "a\n---\nb\n",
    "a\n...\n",
    "a\r\nb",
    "a\rb",
    "\r",
    "a\n\t\nb",
    "a\n \nb",
  ],
  ...[
    "\u0000",
    "\u0007",
    "\u001b[31m",
    "\u007f",
    "\u0080",
    "a\u0085b",
    "\u009f",
    "\u00a0",
    "a\u00a0",
    "\u00ad",
    "\u00e6\u00f8\u00e5",
    "\u200b",
    "\u200d",
  ],
  ...[
    "a\u2028b",
    "a\u2029b",
    "\u202eabc",
    "\ufeff",
    "\ufeffa",
    "a\ufeff",
    "\ufffd",
    "\ufffe",
    "\uffff",
    "\u{1f600}",
    "\u{1f469}\u200d\u{1f4bb}",
  ],
  ...["\u{e0001}", "\u{10ffff}", "\u{1fffe}", "\ud7ff", "\ue000", "line\u{1f600}\nline\n", "\u00e6\n\u00f8\n", "a\u0085\nb", "a\u2028\nb"],
  ...[
    "constructor",
    "__proto__",
    "resolve",
    "toString",
    "toJSON",
    "length",
    "value",
    "10",
    "9",
    "01",
    "4294967295",
    "-0",
    "k".repeat(1024),
  ],
  ...["k".repeat(1000), "\u00e6".repeat(1023), "\t".repeat(200), `${"long ".repeat(400)}end`, `${"x".repeat(300)}\n${"y".repeat(300)}`],
];

/** Any character of Unicode, as fast-check's own "binary": that one takes a second to begin with. */
export const character: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10f7ff })
  .map((place) => String.fromCodePoint(place < 0xd800 ? place : place + 0x800));

/** Well-formed text, mostly of the kind that hurts. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...traps) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...traps, " ", "\n", "a"), { minLength: 2, maxLength: 4 }).map((parts) => parts.join("")),
  },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(..." \n\t:#-'\"a1.~?&*!|>%@{}[],\\\u0085\u2028") }) },
  { weight: 1, arbitrary: fc.string({ unit: character }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
);

/** Finite numbers of every kind. */
export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    8080,
    0.5,
    -0.25,
    1e21,
    -1e21,
    1.5e300,
    5e-324,
    1e-7,
    123456789012345680000,
    2 ** 53,
    2 ** 63,
    2 ** 64,
    0.1 + 0.2,
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

export interface DataProps {
  readonly depth?: number;
  /** Other leaves besides text, numbers, true, false, null and undefined. */
  readonly leaves?: readonly fc.Arbitrary<unknown>[];
}

/** Plain data with hostile texts as keys and values. */
export function hostileData({ depth = 4, leaves = [] }: DataProps = {}): fc.Arbitrary<unknown> {
  const { data } = fc.letrec<{ data: unknown }>((tie) => ({
    data: fc.oneof(
      { maxDepth: depth, depthIdentifier: "data" },
      { weight: 4, arbitrary: hostileText },
      { weight: 1, arbitrary: hostileNumber },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(true, false, null, undefined) },
      ...leaves.map((arbitrary) => ({ weight: 1, arbitrary })),
      { weight: 3, arbitrary: fc.array(tie("data"), { maxLength: 4, depthIdentifier: "data" }) },
      { weight: 3, arbitrary: hostileRecord(tie("data"), 5) },
    ),
  }));
  return data;
}

/** An object with hostile keys, `__proto__` among them as a key like any other. */
export function hostileRecord<Value>(value: fc.Arbitrary<Value>, maxLength: number): fc.Arbitrary<Record<string, Value>> {
  return fc.array(fc.tuple(hostileText, value), { maxLength, depthIdentifier: "data" }).map((entries) => Object.fromEntries(entries));
}
