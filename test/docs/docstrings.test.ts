import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = join(__dirname, "../..");
const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const doors = ["lib/index.ts", "lib/hosts/index.ts", "lib/pulumi/index.ts"].map((path) => join(root, path));
const host = ts.createCompilerHost(options);
// Only what is our own: nothing here depends on the types of packages.
host.resolveModuleNameLiterals = (names, from, _, settings) =>
  names.map(({ text }) => (text.startsWith(".") ? ts.resolveModuleName(text, from, settings, host) : { resolvedModule: undefined }));
const program = ts.createProgram(doors, { ...options, noLib: true, types: [] }, host);
const checker = program.getTypeChecker();

interface Public {
  readonly name: string;
  readonly symbol: ts.Symbol;
}

/** Every symbol that a door exports, behind its aliases. */
function exported(path: string): readonly Public[] {
  const source = program.getSourceFile(path);
  const door = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (door === undefined) throw new Error(`${path} is not a module`);
  return checker.getExportsOfModule(door).map((symbol) => ({
    name: symbol.name,
    symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  }));
}

/** The props and methods that a class or interface declares itself. */
function members({ name, symbol }: Public): readonly Public[] {
  return [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])]
    .filter((member) => member.declarations?.every(isPublicMember))
    .map((member) => ({ name: `${name}.${member.name}`, symbol: member }));
}

function isPublicMember(declaration: ts.Declaration): boolean {
  if (ts.isConstructorDeclaration(declaration) || ts.isTypeParameterDeclaration(declaration)) return false;
  if (!ts.isClassElement(declaration) && !ts.isTypeElement(declaration)) return false;
  const isPrivate = ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private;
  return !isPrivate && !(declaration.name !== undefined && ts.isPrivateIdentifier(declaration.name));
}

const tagsOf = (symbol: ts.Symbol): readonly string[] => symbol.getJsDocTags(checker).map(({ name }) => name);
const isSilent = ({ symbol }: Public): boolean => symbol.getDocumentationComment(checker).length === 0 && tagsOf(symbol).length === 0;
const isClass = ({ symbol }: Public): boolean => (symbol.flags & ts.SymbolFlags.Class) !== 0;

describe("the public face", () => {
  const symbols = doors.flatMap(exported);

  test("is all there", () => {
    expect(symbols.filter(({ symbol }) => symbol.declarations === undefined).map(({ name }) => name)).toEqual([]);
  });

  test("documents every symbol", () => {
    expect(symbols.filter(isSilent).map(({ name }) => name)).toEqual([]);
    expect(symbols.length).toBeGreaterThan(100);
  });

  test("documents every prop and method, beside those whose name and type say it all", () => {
    const silent = symbols.flatMap(members).filter(isSilent);
    expect(silent.map(({ name }) => name).filter((name) => !selfEvident.has(name.split(".").at(-1) ?? ""))).toEqual([]);
  });

  test("gives every construct an example and, where it takes props, their type", () => {
    const names = new Set(symbols.map(({ name }) => name));
    const constructs = symbols
      .filter(isClass)
      .filter(({ name }) => !["InvalidInput", "ChecksFailed", "HostError", "MeshGateway", "KernelProfile", "ObjectGraph"].includes(name));
    expect(constructs.filter(({ symbol }) => !tagsOf(symbol).includes("example")).map(({ name }) => name)).toEqual([]);
    expect(
      constructs
        .filter(({ name }) => ![`${name}Props`, `${name}Args`, `${name}Connection`].some((props) => names.has(props)))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  test("names the default of every optional prop of a construct", () => {
    const props = symbols.filter(({ name }) =>
      /^(?:(?:CanaryService|StrictMtlsNamespace|IstioControlPlane|TunedNodePool|MeshApp|Hetzner|Libvirt)Props|\w+Args|HetznerPort|LibvirtGuest|Machine\w*)$/.test(
        name,
      ),
    );
    const optional = props.flatMap(members).filter(({ symbol }) => symbol.flags & ts.SymbolFlags.Optional);
    expect(optional.filter(({ symbol }) => !tagsOf(symbol).includes("default")).map(({ name }) => name)).toEqual([]);
    expect(optional.length).toBeGreaterThan(40);
  });
});

/** Members that need no sentence: the name is the field's own word, and the type says the rest. */
const selfEvident: ReadonlySet<string> = new Set(["name", "code", "severity", "namespace", "key", "value", "effect"]);
