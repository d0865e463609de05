import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InvalidInput } from "../../lib/core/problem";
import { writeFiles } from "../../lib/synth/write";
import { inFolder, textsBelow } from "./trees";

const file = (path: string, content: string = path): { readonly path: string; readonly content: string } => ({ path, content });

test("writes files and folders, and says what became of each", () => {
  inFolder((folder) => {
    const target = join(folder, "new/manifests");
    const first = writeFiles(target, [file("a.yaml", "æ\n"), file("sub/b.yaml"), file("sub/deep/c.yaml")]);
    expect(first.map(({ path, bytes, change }) => [path, bytes, change])).toEqual([
      ["a.yaml", 3, "added"],
      ["sub/b.yaml", 10, "added"],
      ["sub/deep/c.yaml", 15, "added"],
    ]);
    const second = writeFiles(target, [file("a.yaml", "ø\n"), file("sub/b.yaml"), file("d.yaml")], first);
    expect(second.map(({ path, change }) => [path, change])).toEqual([
      ["a.yaml", "changed"],
      ["sub/b.yaml", "unchanged"],
      ["d.yaml", "added"],
      ["sub/deep/c.yaml", "removed"],
    ]);
    expect(textsBelow(target)).toEqual({ "a.yaml": "ø\n", "d.yaml": "d.yaml", "sub/b.yaml": "sub/b.yaml" });
    expect(existsSync(join(target, "sub/deep"))).toBe(false);
  });
});

test("leaves a file alone that is right already: its time does not change", () => {
  inFolder((folder) => {
    writeFiles(folder, [file("a.yaml")]);
    utimesSync(join(folder, "a.yaml"), 1000, 1000);
    writeFiles(folder, [file("a.yaml")]);
    expect(statSync(join(folder, "a.yaml")).mtimeMs).toBe(1_000_000);
    writeFiles(folder, [file("a.yaml", "b.yaml")]);
    expect(statSync(join(folder, "a.yaml")).mtimeMs).not.toBe(1_000_000);
  });
});

test("takes a text in pieces, wherever it is cut", () => {
  inFolder((folder) => {
    const pieces = ["ab", "", "cæ"].map((text) => Buffer.from(text));
    const [whole] = writeFiles(folder, [file("a", "abcæ")]);
    expect(writeFiles(folder, [{ path: "a", content: pieces }])).toEqual([{ ...whole, change: "unchanged" }]);
    expect(writeFiles(folder, [{ path: "b", content: pieces }])).toEqual([{ ...whole, path: "b" }]);
    for (const other of [["ab", "dæ"], ["xb", "cæ"], ["abcæ", ""], []]) {
      writeFiles(folder, [{ path: "a", content: other.map((text) => Buffer.from(text)) }]);
      expect(readFileSync(join(folder, "a"), "utf8")).toBe(other.join(""));
    }
  });
});

test("removes of the earlier files only those that are still as they were written", () => {
  inFolder((folder) => {
    const earlier = writeFiles(
      folder,
      ["mine", "edited", "gone", "replaced"].map((name) => file(`${name}.yaml`)),
    );
    writeFileSync(join(folder, "own.yaml"), "somebody's own");
    writeFileSync(join(folder, "edited.yaml"), "edited by hand");
    for (const path of ["gone.yaml", "replaced.yaml"])
      writeFiles(
        folder,
        [],
        earlier.filter((each) => each.path === path),
      );
    mkdirSync(join(folder, "replaced.yaml"));
    expect(writeFiles(folder, [], earlier).map(({ path, change }) => [path, change])).toEqual([
      ["mine.yaml", "removed"],
      ["edited.yaml", "kept"],
    ]);
    expect(readdirSync(folder).sort()).toEqual(["edited.yaml", "own.yaml", "replaced.yaml"]);
  });
});

const outside = ["../a", "/a", "a/../../b", "a/./b", "a//b", "", "a\\b", "..", ".", "a/", "a\0b"];

test.each(outside)("refuses the path %j", (path) => {
  inFolder((folder) => {
    const target = join(folder, "manifests");
    expect(() => writeFiles(target, [file(path)])).toThrow(InvalidInput);
    expect(() => writeFiles(target, [], [{ path, sha256: "" }])).toThrow(InvalidInput);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("refuses a path that stands twice, before anything is written", () => {
  inFolder((folder) => {
    expect(() => writeFiles(folder, [file("a"), file("b"), file("a")])).toThrow('a: got "a", expected each path once.');
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("follows no link out of the folder, neither to write nor to remove", () => {
  inFolder((folder) => {
    const [target, elsewhere] = [join(folder, "manifests"), join(folder, "elsewhere")];
    for (const path of [target, elsewhere]) mkdirSync(path);
    const earlier = writeFiles(elsewhere, [file("a.yaml"), file("b.yaml")]);
    symlinkSync(elsewhere, join(target, "sub"));
    symlinkSync(join(elsewhere, "b.yaml"), join(target, "b.yaml"));
    expect(() => writeFiles(target, [file("sub/new.yaml")])).toThrow("A link or a file is in its place.");
    expect(() =>
      writeFiles(
        target,
        [],
        earlier.map((each) => ({ ...each, path: `sub/${each.path}` })),
      ),
    ).toThrow(InvalidInput);
    expect(writeFiles(target, [], earlier)).toEqual([]);
    expect(writeFiles(target, [file("b.yaml", "own")])[0]?.change).toBe("changed");
    expect(textsBelow(elsewhere)).toEqual({ "a.yaml": "a.yaml", "b.yaml": "b.yaml" });
    expect(lstatSync(join(target, "b.yaml")).isFile()).toBe(true);
  });
});

test("puts a file in the place of a link, even of one to the same text", () => {
  inFolder((folder) => {
    writeFileSync(join(folder, "same"), "same");
    symlinkSync("same", join(folder, "link"));
    expect(writeFiles(folder, [file("link", "same")])[0]?.change).toBe("changed");
    expect(lstatSync(join(folder, "link")).isFile()).toBe(true);
  });
});

test("the folder itself may be a link", () => {
  inFolder((folder) => {
    mkdirSync(join(folder, "real"));
    symlinkSync(join(folder, "real"), join(folder, "link"));
    writeFiles(join(folder, "link"), [file("sub/a.yaml")]);
    expect(readFileSync(join(folder, "real/sub/a.yaml"), "utf8")).toBe("sub/a.yaml");
  });
});

test("an error leaves neither half a file nor a piece of one", () => {
  inFolder((folder) => {
    mkdirSync(join(folder, "a.yaml/in-the-way"), { recursive: true });
    expect(() => writeFiles(folder, [file("a.yaml")])).toThrow();
    expect(readdirSync(folder)).toEqual(["a.yaml"]);
  });
});
