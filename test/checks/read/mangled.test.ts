import fc from "fast-check";
import { expect, test } from "vitest";
import { ObjectGraph } from "../../../lib/checks/object-graph";
import { BlockReader } from "../../../lib/checks/read/block-reader";
import { isPrintable, readCarefully } from "../../../lib/checks/read/careful-reader";
import { DocumentCursor } from "../../../lib/checks/read/document-cursor";
import { DocumentText } from "../../../lib/checks/read/document-text";
import { readObjects } from "../../../lib/checks/read/read-objects";
import { allRules } from "../../../lib/checks/rules/all-rules";
import { runRules } from "../../../lib/checks/run-rules";
import { join } from "../../../lib/core/problem";
import { yamlDocuments } from "../../../lib/core/yaml";
import { hostileData, hostileRecord, traps } from "../../core/hostile";
import { graphOf } from "../checked";
import { documents, forms, hostile, mangled } from "./mangle";

/** Milliseconds. A run of many more documents takes as much longer. */
const timeout = 15 * documents;
const { releases } = graphOf("").surroundings;

/** What both readers make of the first document of a text; undefined where the fast one leaves it to the other. */
function bothReaders(text: string): readonly unknown[] | undefined {
  const bytes = Buffer.from(text);
  const fast = new BlockReader(Buffer.concat([bytes, Buffer.from(text.endsWith("\n") ? "" : "\n")]));
  // What ends where it begins is the marker of a document that comes after it.
  if (!fast.read(0) || fast.end === 0) return undefined;
  const end = Math.min(fast.end, bytes.length);
  const own = bytes.subarray(0, end);
  if (!isPrintable(own.toString())) return undefined;
  const { data, faults } = readCarefully(own.toString());
  return [
    { data: fast.data, end, faults: [] },
    { data: data ?? null, end: new DocumentCursor(bytes).endOf(0), faults },
  ];
}

test(
  "the fast reader gives what the reader of all of YAML gives, on everything that it takes",
  () => {
    let taken = 0;
    for (let seed = 0; seed < documents / 2; seed++) {
      const text = mangled(seed);
      const [fast, careful] = bothReaders(text) ?? [];
      if (fast === undefined) continue;
      taken++;
      expect({ text, read: fast }).toEqual({ text, read: careful });
    }
    // Were it to take nothing, nothing would be compared.
    expect(taken).toBeGreaterThan(documents / 10);
  },
  timeout,
);

test(
  "both readers find the same place of every field",
  () => {
    for (let seed = 0; seed < documents / 4; seed++) {
      const text = mangled(seed);
      const [fast] = (bothReaders(text) ?? []) as readonly { readonly data: unknown; readonly end: number }[];
      if (fast === undefined) continue;
      const own = Buffer.from(text).subarray(0, fast.end).toString();
      const [plain, careful] = [new DocumentText(own, 1, "plain"), new DocumentText(own, 1, "yaml")];
      for (const field of ["", "nowhere", ...fieldsIn(fast.data, "")]) {
        expect({ text, field, ...plain.of(field) }).toEqual({ text, field, ...careful.of(field) });
      }
    }
  },
  timeout,
);

test("fields of JSON are found where the reader of all of YAML finds them", () => {
  const data = fc.oneof(hostileRecord(hostileData(), 6), fc.array(hostileData(), { maxLength: 4 }));
  fc.assert(
    fc.property(data, fc.constantFrom(0, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      if (readCarefully(text).faults.length > 0) return;
      const [json, careful] = [new DocumentText(text, 1, "json"), new DocumentText(text, 1, "yaml")];
      for (const field of ["", "nowhere", ...fieldsIn(JSON.parse(text), "")]) {
        expect({ text, field, ...json.of(field) }).toEqual({ text, field, ...careful.of(field) });
      }
    }),
    { numRuns: 200 },
  );
});

test("the fast reader takes all forms of plain YAML", () => {
  const [fast, careful] = bothReaders(forms) ?? [];
  expect(fast).toBeDefined();
  expect(fast).toEqual(careful);
  const [plain, yaml] = [new DocumentText(forms, 1, "plain"), new DocumentText(forms, 1, "yaml")];
  for (const field of fieldsIn((fast as { readonly data: unknown }).data, ""))
    expect({ field, ...plain.of(field) }).toEqual({ field, ...yaml.of(field) });
});

test.each([...new Set([...hostile, ...traps])])("both readers make the same of %j, wherever it stands", (word) => {
  const places = [
    "a: X",
    "a: X # c",
    "X: a",
    "- X",
    "- X: a",
    "a: [X]",
    "a: [b, X ]",
    "a: {X: b}",
    "a: {b: X}",
    "a: {b: X, c: d}",
    "a: 'X'",
    'a: "X"',
    "X",
  ];
  for (const text of places.map((place) => `${place.replace("X", () => word)}\n`)) {
    const [fast, careful] = bothReaders(text) ?? [];
    expect({ text, read: fast }).toEqual({ text, read: fast === undefined ? undefined : careful });
  }
});

test("the fast reader takes many names, many maps and long texts, and tells them apart", () => {
  const values = Array.from({ length: 20_000 }, (_, index) => `v${String(index).padStart(6, "0")}`);
  const maps = Array.from({ length: 300 }, () => Object.fromEntries(values.slice(0, 60).map((key) => [key, `${key}${"x".repeat(100)}`])));
  for (const value of [{ values }, { maps }]) {
    const fast = new BlockReader(Buffer.from(yamlDocuments([value])));
    expect([fast.read(0), fast.data]).toEqual([true, value]);
  }
});

test.each([400, 600, 1020, 1030, 5000])("both readers make the same of a key of %i characters", (length) => {
  const [fast, careful] = bothReaders(`${"k".repeat(length)}: v\n`) ?? [];
  expect(fast).toEqual(fast === undefined ? undefined : careful);
});

/** The lines of blocks, and what may follow them. */
const blocks = [
  ...["  x\n  y", "  x\n\n  y", "\n  x\n", "    \n  x\n", "  x\n    y", "  x\n   y\n  z", "   x\n  y", "  x \n  y", "  x\n  y "],
  ...[
    "  x\n# c\n",
    "  x\n  # c",
    "   x\n  # c",
    " \n",
    "",
    "  x\n\n\n",
    "  x\n   \n",
    "  x\n  \n",
    "  x\n \n",
    "  \tx",
    "  x\ty",
    "\n\n  x",
  ],
].flatMap((lines) => ["|", "|-", ">", ">-"].map((header) => `${header}\n${lines}`));

test.each(blocks)("both readers make the same of the block %j, wherever it stands", (block) => {
  const deeper = block.replaceAll("\n", "\n  ");
  for (const text of [`a: ${block}`, `- ${block}`, `- a: ${deeper}`, `a:\n- ${block}`, `a:\n  b: ${deeper}`]) {
    for (const end of ["", "\n", "\nk: v\n", "\n- v\n", "\n\n# c\n", "\n---\n"]) {
      const [fast, careful] = bothReaders(`${text}${end}`) ?? [];
      expect({ text, end, read: fast }).toEqual({ text, end, read: fast === undefined ? undefined : careful });
    }
  }
});

/** Paths of all fields, and of one that is not there in each map. */
function fieldsIn(data: unknown, path: string): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  const keys: readonly (string | number)[] = Array.isArray(data) ? [...data.keys()] : [...Object.keys(data), "nowhere"];
  return keys.flatMap((key) => {
    const field = join(path, key);
    return [field, ...fieldsIn((data as Readonly<Record<string, unknown>>)[key], field)];
  });
}

test("the fast reader gives the data that was written", () => {
  const data = fc.array(
    fc.oneof(hostileRecord(hostileData(), 6), hostileData()).filter((value) => value !== undefined),
    { minLength: 1, maxLength: 2 },
  );
  fc.assert(
    fc.property(data, (values) => {
      const [fast, careful] = bothReaders(yamlDocuments(values)) ?? [];
      expect(fast).toEqual(careful);
    }),
    { numRuns: 300 },
  );
});

test(
  "no document makes a reader or a rule fail, whatever is wrong with it",
  () => {
    const together = 50;
    for (let seed = 0; seed < documents; seed += together) {
      const texts = Array.from({ length: together }, (_, index) => mangled(seed + index));
      const objects = texts.flatMap((text, index) => readObjects({ file: `${seed + index}.yaml`, bytes: Buffer.from(text) }).objects);
      const failed = runRules(new ObjectGraph(objects, { releases, today: "2026-11-27", residency: ["NO"] }), allRules).filter(
        ({ code }) => code === "MG0001",
      );
      expect(failed.map(({ message }) => `${message} (documents ${seed} to ${seed + together})`)).toEqual([]);
    }
  },
  timeout,
);
