// Lets compiled modules load each other when they are first used, and not before. A program that imports a door loads what it takes from it,
// `meshground versions` loads no rule, and a tree its checks when it is synthesized.
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

/** How the compiler writes an import of a module of ours: `const x_1 = require("./x");`. */
const load = /^(?:const|var) (\w+_\d+) = require\("(\.[^"]+)"\);$/gm;

/** How it writes what a module passes on from another. Node looks for names in such lines before it runs them, and gives up at a getter that calls. */
const passOn = /^Object(\.defineProperty\(exports, "\w+", \{ enumerable: true, get: function \(\) \{ return \w+\.\w+; \} \}\);)$/gm;

/** The code of a module, in which each import is a function that loads once. */
function lazy(code, file) {
  const names = [...code.matchAll(load)].map(([, name]) => name);
  const loads = code.replace(load, (_line, name, path) => `let ${name}m; const ${name} = () => ${name}m ??= require("${path}");`);
  return names.reduce(
    (text, name) => {
      // In brackets: `new x_1().Name()` would make a new x_1.
      const uses = text.replaceAll(new RegExp(`(?<![\\w$])${name}(?=\\.)`, "g"), `(${name}())`);
      const others = [...uses.matchAll(new RegExp(`(?<![\\w$])${name}\\b(?!\\(\\)\\)\\.| = \\(\\) =>)`, "g"))];
      if (others.length > 0) throw new Error(`${file}: ${name} is used in a way that is not known here`);
      return uses;
    },
    loads.replace(passOn, "Reflect$1"),
  );
}

/** Makes the imports of all modules of a folder lazy, beside the page's program, which is for a browser. */
function makeLazy(dist) {
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = join(dist, name);
    if (name.endsWith(".js") && name !== join("picture", "page.js")) writeFileSync(file, lazy(readFileSync(file, "utf8"), file));
  }
}

module.exports = { makeLazy };
