const amount = /^(\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE]([+-]?\d{1,2})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;

const factors: ReadonlyMap<string, number> = new Map([
  ["n", 1e-9],
  ["u", 1e-6],
  ["m", 1e-3],
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
  ["T", 1e12],
  ["P", 1e15],
  ["E", 1e18],
  ["Ki", 2 ** 10],
  ["Mi", 2 ** 20],
  ["Gi", 2 ** 30],
  ["Ti", 2 ** 40],
  ["Pi", 2 ** 50],
  ["Ei", 2 ** 60],
]);

/** Cores, bytes or pieces of a quantity as Kubernetes reads it: `"500m"`, `"2Gi"`, `"1e3"`, `2`. Undefined for what is none. */
export function tryAmount(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  const [, digits, exponent, unit] = (typeof value === "string" && amount.exec(value.trim())) || [];
  if (digits === undefined) return undefined;
  return Number(digits) * (exponent === undefined ? (factors.get(unit ?? "") ?? 1) : 10 ** Number(exponent));
}

/** Whole pieces from a bound up to a million; undefined for what is none, or more than any cluster has. */
export function tryCount(value: unknown, from: number = 0): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= from && value <= 1_000_000 ? value : undefined;
}

/** Cores as a person writes them: `7.5 cores`, `1 core`, `250m`. */
export function coresText(cores: number): string {
  if (cores > 0 && cores < 1) return `${Math.round(cores * 1_000)}m of a core`;
  return cores === 1 ? "1 core" : `${rounded(cores)} cores`;
}

/** Bytes as a person writes them: `31.2 GiB`, `512 MiB`. */
export function memoryText(bytes: number): string {
  return bytes >= 2 ** 30 ? `${rounded(bytes / 2 ** 30)} GiB` : `${rounded(bytes / 2 ** 20)} MiB`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}
