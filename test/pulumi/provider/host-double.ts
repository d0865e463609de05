import { createHash } from "node:crypto";
import type { CommandResult, HostOutcome } from "../../../lib/hosts/host";
import type { HostConnection } from "../../../lib/hosts/host-connection";
import type { HostError } from "../../../lib/hosts/host-error";
import type { HostFacts } from "../../../lib/hosts/host-facts";
import type { HostChange } from "../../../lib/hosts/host-plan";
import { type HostProfile, profileId } from "../../../lib/hosts/host-profile";
import type { ConnectedHost } from "../../../lib/pulumi/provider/host-access";

/** What a double holds: all that a profile can change. */
interface Held {
  readonly values: Map<string, string>;
  readonly files: Map<string, { content: string; mode: string }>;
  readonly links: Map<string, string>;
}

/** A double of a host: it holds values and files in memory, and remembers what it was before. Nothing of it is a real host. */
export class HostDouble implements ConnectedHost {
  readonly name: string = "10.0.0.11:22";
  readonly values: Held["values"] = new Map([["net.core.somaxconn", "4096"]]);
  readonly files: Held["files"] = new Map();
  readonly links: Held["links"] = new Map();
  machineId: string = "0123456789abcdef0123456789abcdef";
  interrupted: boolean = false;
  applied: HostFacts["applied"];
  overriding: HostFacts["overriding"] = [];
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  /** What it was reached with last. */
  connection: HostConnection | undefined;
  /** Thrown at the next connection. */
  refusal: HostError | undefined;
  /** What its programs answer. */
  answer: (script: string, input: string | undefined) => CommandResult = () => ({ exitCode: 0, stdout: "", stderr: "" });
  #before: Held | undefined;

  /** Connects to this one, whatever the address. */
  readonly connect = async (connection: HostConnection): Promise<ConnectedHost> => {
    this.connection = connection;
    if (this.refusal !== undefined) throw this.refusal;
    return this;
  };

  async read(profile: HostProfile): Promise<HostFacts> {
    this.calls.push("read");
    return this.#facts(profile);
  }

  async apply(profile: HostProfile): Promise<HostOutcome> {
    this.calls.push("apply");
    const recovered = this.interrupted;
    const changes = this.#changes(profile);
    this.#before ??= { values: new Map(this.values), files: new Map(this.files), links: new Map(this.links) };
    for (const { key, mode, value } of profile.settings) if (!this.#holds(key, mode, value)) this.values.set(key, value);
    for (const { path, content, mode } of profile.files) this.files.set(path, { content, mode });
    for (const { path, target } of profile.links ?? []) this.links.set(path, target);
    this.applied = { pool: profile.pool, id: profileId(profile) };
    this.interrupted = false;
    return { changed: changes.length > 0, recovered, plan: { changes, conflicts: [] }, facts: this.#facts(profile) };
  }

  async restore(): Promise<HostOutcome> {
    this.calls.push("restore");
    for (const part of ["values", "files", "links"] as const) {
      const [held, before] = [this[part] as Map<string, unknown>, this.#before?.[part] ?? new Map()];
      held.clear();
      for (const [name, value] of before) held.set(name, value);
    }
    this.applied = undefined;
    const nothing = { pool: "-", settings: [], files: [], modules: [] };
    return { changed: true, recovered: false, plan: { changes: [], conflicts: [] }, facts: this.#facts(nothing) };
  }

  async run(script: string, input?: string): Promise<CommandResult> {
    this.calls.push(`run ${script}`);
    return this.answer(script, input);
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }

  #changes({ settings, files, links = [] }: HostProfile): readonly HostChange[] {
    const lowered = settings.filter(({ key, mode, value }) => !this.#holds(key, mode, value));
    const rewritten = files.filter(
      ({ path, content, mode }) => this.files.get(path)?.content !== content || this.files.get(path)?.mode !== mode,
    );
    const linked = links.filter(({ path, target }) => this.links.get(path) !== target);
    return [
      ...lowered.map(({ key, value, mode }) => ({ kind: "value" as const, key, to: value, floor: mode === "atLeast" })),
      ...[...rewritten, ...linked].map(({ path }) => ({ kind: "file" as const, path, action: "create" as const })),
    ];
  }

  #holds(key: string, mode: "exact" | "atLeast", value: string): boolean {
    const held = this.values.get(key);
    return mode === "atLeast" ? Number(held ?? 0) >= Number(value) : held === value;
  }

  #facts({ settings, files, links = [], modules }: HostProfile): HostFacts {
    return {
      machineId: this.machineId,
      hostname: "oslo-1",
      distribution: { id: "debian", version: "12", name: "Debian GNU/Linux 12 (bookworm)" },
      kernel: "6.1.0-32-cloud-amd64",
      architecture: "x86_64",
      virtualization: "kvm",
      cores: 2,
      memoryBytes: 2 ** 30,
      disks: [],
      values: picked(
        settings.map(({ key }) => key),
        this.values,
      ),
      podValues: { "net.core.somaxconn": "4096" },
      origins: {},
      overriding: this.overriding,
      files: picked(
        files.map(({ path }) => path),
        new Map(
          [...this.files].map(([path, { content, mode }]) => [
            path,
            { content, mode, sha256: createHash("sha256").update(content).digest("hex") },
          ]),
        ),
      ),
      links: picked(
        links.map(({ path }) => path),
        this.links,
      ),
      modules,
      ...(this.applied !== undefined && { applied: this.applied }),
      interrupted: this.interrupted,
    };
  }
}

function picked<Value>(names: readonly string[], from: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...from].filter(([name]) => names.includes(name)));
}
