import { type PackageManager, type ProjectPackageProps, projectPackage } from "./project-package";
import { type ProjectFile, type TemplateName, templateFiles } from "./project-template";

/** What a project is made of. */
export interface ProjectProps extends ProjectPackageProps {
  readonly template: TemplateName;
}

/** Every file of a new project, by path. */
export function projectFiles(props: ProjectProps): readonly ProjectFile[] {
  const { name, template, packageManager } = props;
  const words = { name, manager: packageManager, cleanInstall: cleanInstall[packageManager] };
  const files = [...templateFiles("common"), ...(packageManager === "pnpm" ? templateFiles("pnpm") : []), ...templateFiles(template)].map(
    ({ path, content }) => ({ path, content: filled(content, words) }),
  );
  return [...files, { path: "package.json", content: projectPackage(props) }].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Installs exactly what the lock file names. */
const cleanInstall: Readonly<Record<PackageManager, string>> = {
  npm: "npm ci",
  pnpm: "corepack enable pnpm && pnpm install --frozen-lockfile",
};

/** A text with its `$name`, `$manager` and `$cleanInstall` replaced. Other words with a `$` are the text's own. */
function filled(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\w+)/g, (whole, word: string) => words[word] ?? whole);
}
