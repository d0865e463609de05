/** What values a kernel key takes. */
export type KernelKeyValue =
  | {
      /** More is more: an exact value, or a floor. */
      readonly kind: "amount";
      readonly unit: string;
      readonly min: number;
      readonly max: number;
      /** Where the range comes from. */
      readonly range: string;
    }
  | {
      /** A number without "more is better": exact only. */
      readonly kind: "level";
      readonly unit: string;
      readonly min: number;
      readonly max: number;
      readonly range: string;
    }
  | {
      /** One of a few modes: value to its meaning. Exact only. */
      readonly kind: "choice";
      readonly choices: Readonly<Record<number, string>>;
    }
  | {
      /** Several numbers on one line, none below the one before it. Exact only. */
      readonly kind: "tuple";
      readonly unit: string;
      readonly parts: readonly { readonly name: string; readonly min: number; readonly max: number }[];
      readonly range: string;
    };

/** What is known of one kernel key. */
export interface KernelKey {
  /** What it limits or switches, one sentence. */
  readonly summary: string;
  readonly value: KernelKeyValue;
  /**
   * `node`: one value for the whole machine, pods included. `network-namespace`: every pod starts with the kernel's own
   * default, and the node's value reaches only the node's daemons and pods with `hostNetwork`.
   */
  readonly scope: "node" | "network-namespace";
  /** What a node has that nobody tuned, in words. */
  readonly stock: string;
  /** The same as a number, where it is known: an exact value below it takes something away. */
  readonly stockAmount?: (memoryBytes: number) => number;
  /** Of use on the node itself only, although each namespace has its own. */
  readonly nodeOnly?: true;
  /** Who writes the key after boot. */
  readonly overwrittenBy?: string;
  /** First Kubernetes minor whose kubelet lets a pod set the key without being asked. 0: every one. Absent: none. */
  readonly safeInPodsSince?: number;
  /** Primary source. */
  readonly see: string;
}

/** A value in words: what is expected of a key. */
export function expectedOf({ value }: KernelKey): string {
  switch (value.kind) {
    case "amount":
      return `whole ${value.unit} from ${value.min} to ${value.max}, as a number, { exact } or { atLeast }`;
    case "level":
      return `whole ${value.unit} from ${value.min} to ${value.max}`;
    case "choice": {
      const choices = Object.entries(value.choices).map(([choice, meaning]) => `${choice} (${meaning})`);
      return choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`;
    }
    case "tuple":
      return `[${value.parts.map(({ name }) => name).join(", ")}] in ${value.unit}, rising: ${value.parts.map(partRange).join(", ")}`;
  }
}

function partRange({ name, min, max }: { readonly name: string; readonly min: number; readonly max: number }): string {
  return `${name} from ${min} to ${max}`;
}
