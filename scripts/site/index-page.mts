/** A page of the documentation, as the index names it. */
export interface Page {
  readonly title: string;
  /** Relative to the folder of the index. */
  readonly path: string;
}

/** A part of the documentation: Start, Tutorial, How-to, Explanation, Reference. */
export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

const heading = /^## (?<title>.+)$/;
const entry = /^- \[(?<title>[^\]]+)\]\((?<path>[^)#]+)\)/;

/** The sections of `docs/README.md`, each with the pages that its list begins its lines with. */
export function sectionsOf(index: string): readonly Section[] {
  const sections: { title: string; pages: Page[] }[] = [];
  for (const line of index.split("\n")) {
    const { title } = heading.exec(line)?.groups ?? {};
    if (title !== undefined) sections.push({ title, pages: [] });
    const page = entry.exec(line)?.groups;
    if (page?.title !== undefined && page.path !== undefined) sections.at(-1)?.pages.push({ title: page.title, path: page.path });
  }
  return sections;
}
