import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** A relative link of a page. */
export interface Link {
  /** Page and line, relative to the project. */
  readonly at: string;
  /** File or folder that it leads to. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Text of a page without its blocks of code. Lines stay where they are. */
function prose(text: string): string {
  return text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, (block) => block.replaceAll(/[^\n]/g, ""));
}

/** Every link of a page that leads to another file or to an anchor. */
export function linksOf(root: string, page: string): readonly Link[] {
  const text = prose(readFileSync(join(root, page), "utf8")).replaceAll(/`[^`\n]*`/g, (code) => " ".repeat(code.length));
  return [...text.matchAll(/\]\((?<target>[^)\s]+)\)/g)].flatMap(({ index, groups }) => {
    const target = groups?.target ?? "";
    if (/^[a-z]+:/.test(target)) return [];
    const [path = "", anchor] = target.split("#");
    const from = join(root, page);
    return [{ at: `${page}:${text.slice(0, index).split("\n").length}`, path: path === "" ? from : join(dirname(from), path), anchor }];
  });
}

/** The anchors of a page's headings, as hosts of git and the site make them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { groups } of prose(markdown).matchAll(/^#{1,6} (?<heading>.+)$/gm)) {
    const anchor = slug(groups?.heading ?? "");
    let own = anchor;
    for (let again = 1; anchors.has(own); again += 1) own = `${anchor}-${again}`;
    anchors.add(own);
  }
  return anchors;
}

function slug(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** What is wrong with a link; nothing where it leads somewhere. */
export function problemOf({ at, path, anchor }: Link): string | undefined {
  if (!existsSync(path)) return `${at}: ${path} is not there`;
  if (anchor === undefined) return undefined;
  if (statSync(path).isDirectory()) return `${at}: a folder has no anchor ${anchor}`;
  return anchorsOf(readFileSync(path, "utf8")).has(anchor) ? undefined : `${at}: ${path} has no heading for #${anchor}`;
}
