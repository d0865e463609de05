import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import {
  type Application,
  Comment,
  CommentTag,
  Converter,
  type DeclarationReflection,
  type DocumentReflection,
  KindRouter,
  type Reflection,
  ReflectionKind,
} from "typedoc";
import { type Page, sectionsOf } from "./index-page.mts";

const root = join(import.meta.dirname, "../..");
const index = join(root, "docs/README.md");
const sections = sectionsOf(readFileSync(index, "utf8"));
const reference = "Reference";

/** Titles of the sections, in the order of the navigation. */
export const order: readonly string[] = sections.map(({ title }) => title);

/** All pages of the site but its first, which is the index: those that it names, and those beside a README that it names. */
export const documents: readonly string[] = sections
  .flatMap(({ pages }) => pages)
  .map(pathOf)
  .flatMap((path) => (isFolder(path) ? [path, ...pagesBeside(path)] : [path]));

/** Gives TypeDoc's pages the titles, the order and the addresses that they have in the repository. */
export function load(app: Application): void {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => place(document));
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_, declaration) => placeDoor(declaration));
  app.renderer.defineRouter("meshground", PathRouter);
  showSourcesAsText(app);
}

/** Names a page as the index does, below its section; or below the README of its folder, where the index names only that. */
function place(document: DocumentReflection): void {
  const path = fileOf(document);
  for (const section of sections) {
    const page = section.pages.find((candidate) => pathOf(candidate) === path);
    if (page === undefined) continue;
    document.name = page.title;
    document.frontmatter.group = section.title;
    return;
  }
  const readme = join(dirname(path), "README.md");
  const parent = document.project.documents?.find((candidate) => fileOf(candidate) === readme);
  if (parent === undefined) throw new Error(`${path} is neither on the index nor beside a README that is`);
  document.name = basename(path, ".md");
  moveBelow(parent, document);
}

function moveBelow(parent: DocumentReflection, document: DocumentReflection): void {
  const { project } = document;
  project.removeChild(document);
  document.parent = parent;
  parent.addChild(document);
}

/** An entry point is what programs import: `meshground/hosts`, not `hosts`. */
function placeDoor(declaration: DeclarationReflection): void {
  if (!declaration.kindOf(ReflectionKind.Module)) return;
  declaration.name = declaration.name === "index" ? "meshground" : `meshground/${declaration.name}`;
  declaration.comment ??= new Comment();
  declaration.comment.blockTags.push(new CommentTag("@group", [{ kind: "text", text: reference }]));
}

/** Pages keep the paths of their files, so that a link of the repository is a link of the site. */
class PathRouter extends KindRouter {
  protected override getIdealBaseName(reflection: Reflection): string {
    if (!reflection.isDocument()) return super.getIdealBaseName(reflection);
    return relative(root, fileOf(reflection)).replace(/\.md$/, "");
  }
}

/** Files that pages link to are copied. By the ending `.ts` a browser would take them for films. */
function showSourcesAsText({ files }: Application): void {
  const nameOf = files.getName.bind(files);
  const allNames = files.getNameToAbsoluteMap.bind(files);
  files.getName = (id) => {
    const name = nameOf(id);
    return name === undefined ? undefined : `${name}.txt`;
  };
  files.getNameToAbsoluteMap = () => new Map([...allNames()].map(([name, path]) => [`${name}.txt`, path]));
}

function fileOf(document: DocumentReflection): string {
  const path = document.project.files.getReflectionPath(document);
  if (path === undefined) throw new Error(`${document.name} has no file`);
  return path;
}

function pathOf({ path }: Page): string {
  return join(dirname(index), path);
}

function isFolder(path: string): boolean {
  return basename(path) === "README.md" && path !== join(root, "README.md");
}

function pagesBeside(readme: string): readonly string[] {
  return globSync("*.md", { cwd: dirname(readme), exclude: [basename(readme)] })
    .toSorted()
    .map((file) => join(dirname(readme), file));
}
