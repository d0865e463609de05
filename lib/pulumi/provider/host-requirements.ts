import { type Check, line, listOf, mapOf, matching, numberBetween, oneOf, optional, shape, wholeNumber } from "../../core/check";
import { type HostRequirements, qualificationMeasures } from "../../nodes/qualification-limits";

type Disk = NonNullable<HostRequirements["disk"]>;

const percent = numberBetween(0, 100);
const size = wholeNumber(1);

/** Requirements as they come over the wire. What a pool renders always holds; what was written by hand may not. */
export const hostRequirements: Check = shape<HostRequirements>({
  pool: line,
  cores: size,
  memoryBytes: size,
  disk: optional(shape<Disk>({ kind: oneOf("nvme", "ssd", "hdd", "network"), sizeBytes: size })),
  virtualization: listOf(matching(/^[a-z0-9-]{1,32}$/, "a word of systemd-detect-virt", 32), { min: 1 }),
  iowaitBelowPercent: percent,
  stealBelowPercent: percent,
  jitterBelowMs: numberBetween(0.05, 10),
  fsyncP99BelowMs: optional(numberBetween(0.1, 1_000)),
  linkAtLeastMbit: optional(numberBetween(10, 800_000)),
  windowSeconds: wholeNumber(1, 30),
  folder: matching(/^(?:\/(?!\.{1,2}(?:\/|$))[\w.@+-]+)+$/, "an absolute path of letters, digits and ._@+-, without . and ..", 255),
  accept: mapOf(oneOf(...qualificationMeasures), line),
});
