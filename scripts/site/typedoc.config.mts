import { join } from "node:path";
import type { TypeDocOptions } from "typedoc";
import { keepHeadingCode } from "./heading-code.mts";
import { documents, load, order } from "./plugin.mts";

const root = join(import.meta.dirname, "../..");
const at = (path: string): string => join(root, path);

/** `npm run docs`: the documentation as a site, from Markdown and docstrings. */
const options: Partial<TypeDocOptions> = {
  name: "meshground",
  includeVersion: true,
  readme: at("docs/README.md"),
  projectDocuments: [...documents],
  entryPoints: ["lib/index.ts", "lib/hosts/index.ts", "lib/pulumi/index.ts"].map(at),
  tsconfig: at("tsconfig.json"),
  // `npm run types` checks them.
  skipErrorChecking: true,
  out: at("build/site"),
  plugin: [load],
  markdownItLoader: keepHeadingCode,
  router: "meshground",
  headings: { readme: false, document: false },
  customCss: at("scripts/site/site.css"),
  navigation: { includeGroups: true, includeCategories: false, includeFolders: false, excludeReferences: true },
  groupOrder: [...order, "*"],
  sort: ["kind", "instance-first", "alphabetical-ignoring-documents"],
  excludeExternals: true,
  excludePrivate: true,
  disableSources: true,
  hideGenerator: true,
  searchInDocuments: true,
  treatWarningsAsErrors: true,
  // Types that no door exports stand in the API report.
  validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
};

export default options;
