import type { CheckResult, CreateResult, DiffResult, Provider, ReadResult, UpdateResult } from "@pulumi/pulumi/provider";
import type { Problem } from "../../core/problem";
import { type OpenedProperties, openProperties, pathText, sealProperties, secretTexts, withoutSecrets } from "./property-values";
import type { Properties, ResourceOperations } from "./resource-operations";

/** Longest error text: it travels in an HTTP/2 header, where about eight thousand bytes fit everywhere. */
const longestError = 6_000;

/** What the provider is told beside its types. */
export interface GroundProviderProps {
  /** Called when the engine gives up. */
  readonly onCancel: () => Promise<void>;
  /** Ids of resources whose machines are gone for good: they are not looked at, and leave the state without a word from the machine. */
  readonly forgotten?: ReadonlySet<string>;
}

/**
 * The resource provider `meshground`, as Pulumi's provider server calls it.
 *
 * It opens what the engine marks as secret or not known yet, hands plain data to the operations of the resource's type, and seals again
 * what was secret, in inputs as well as in outputs.
 */
export class GroundProvider implements Provider {
  readonly version: string;
  readonly #types: Readonly<Record<string, ResourceOperations>>;
  readonly #onCancel: () => Promise<void>;
  readonly #forgotten: ReadonlySet<string>;

  constructor(
    version: string,
    types: Readonly<Record<string, ResourceOperations>>,
    { onCancel, forgotten = new Set() }: GroundProviderProps,
  ) {
    this.version = version;
    this.#types = types;
    this.#onCancel = onCancel;
    this.#forgotten = forgotten;
  }

  async check(urn: string, _olds: unknown, news: unknown): Promise<CheckResult> {
    const operations = this.#operationsOf(urn);
    const opened = openProperties(news);
    const failures = knownProblems(operations.check(opened.values), opened).map(({ path, message }) => ({
      property: path,
      reason: message,
    }));
    return { inputs: sealProperties(opened.values, [...opened.secrets, ...operations.secrets]), failures };
  }

  async diff(id: string, urn: string, olds: unknown, news: unknown): Promise<DiffResult> {
    // What is forgotten is gone: what the program has in its place is another one.
    if (this.#forgotten.has(id)) return { changes: true, replaces: ["connection"], deleteBeforeReplace: true };
    const state = openProperties(olds).values;
    const { changed, replaces } = this.#operationsOf(urn).diff({ urn, id, state }, openProperties(news).values);
    return { changes: changed || replaces.length > 0, replaces: [...replaces], deleteBeforeReplace: replaces.length > 0 };
  }

  async create(urn: string, inputs: unknown): Promise<CreateResult> {
    const operations = this.#operationsOf(urn);
    const opened = openProperties(inputs);
    const { id, state } = await withSafeErrors([opened], () => operations.create(urn, opened.values));
    return { id, outs: seal(state, operations, [opened]) };
  }

  async read(id: string, urn: string, props: unknown): Promise<ReadResult> {
    const operations = this.#operationsOf(urn);
    const opened = openProperties(props);
    if (this.#forgotten.has(id)) return { id, props: seal(opened.values, operations, [opened]) };
    const found = await withSafeErrors([opened], () => operations.read({ urn, id, state: opened.values }));
    return { id, props: seal(found.state, operations, [opened]), inputs: seal(found.inputs, operations, [opened]) };
  }

  async update(id: string, urn: string, olds: unknown, news: unknown): Promise<UpdateResult> {
    const operations = this.#operationsOf(urn);
    const [old, wanted] = [openProperties(olds), openProperties(news)];
    const state = await withSafeErrors([old, wanted], () => operations.update({ urn, id, state: old.values }, wanted.values));
    return { outs: seal(state, operations, [wanted]) };
  }

  async delete(id: string, urn: string, props: unknown): Promise<void> {
    if (this.#forgotten.has(id)) return;
    const opened = openProperties(props);
    await withSafeErrors([opened], () => this.#operationsOf(urn).delete({ urn, id, state: opened.values }));
  }

  async cancel(): Promise<void> {
    await this.#onCancel();
  }

  #operationsOf(urn: string): ResourceOperations {
    const type = typeOf(urn);
    const operations = Object.hasOwn(this.#types, type) ? this.#types[type] : undefined;
    if (operations === undefined) {
      throw new Error(
        `meshground has no resource of type ${type}. Known: ${Object.keys(this.#types).join(", ")}. Is the provider as new as the SDK?`,
      );
    }
    return operations;
  }
}

/** The type of a resource: the last of the types that its URN names. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function seal(state: Properties, { secrets }: ResourceOperations, sources: readonly OpenedProperties[]): Record<string, unknown> {
  return sealProperties(state, [...secrets, ...sources.flatMap((source) => source.secrets)]);
}

/** Problems of values that are known. Those of secrets do not show them. */
function knownProblems(problems: readonly Problem[], { unknowns, secrets, values }: OpenedProperties): readonly Problem[] {
  const unknown = new Set(unknowns.map(pathText));
  const texts = secretTexts({ values, secrets });
  const hidden = secrets.map(pathText);
  return problems
    .filter(({ path }) => !unknown.has(path))
    .map(({ path, message }) => {
      const secret = hidden.some((outer) => path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`));
      return { path, message: withoutSecrets(secret ? expectedPart(message) : message, texts) };
    });
}

/** `expected …` of `got …, expected …`. */
function expectedPart(message: string): string {
  const start = message.lastIndexOf(", expected ");
  return start < 0 ? message : `got a secret${message.slice(start)}`;
}

/** Runs an operation; what it rejects with holds no secret and fits into an answer to the engine. */
async function withSafeErrors<Result>(sources: readonly OpenedProperties[], operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    const text = withoutSecrets(error instanceof Error ? error.message : String(error), sources.flatMap(secretTexts));
    const message = text.length > longestError ? `${text.slice(0, longestError)}…` : text;
    throw providerError(message, error);
  }
}

/** The server prints message and stack of an error beside handing it to the engine; where a host said no, our stack helps nobody. */
function providerError(message: string, cause: unknown): Error {
  const error = new Error(message);
  const ours = cause instanceof TypeError || cause instanceof RangeError;
  error.stack = ours ? (cause.stack ?? "") : "";
  return error;
}
