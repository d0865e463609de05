/**
 * The kernel keys that a sysctl.d file sets: of several lines of one name the last counts, as systemd-sysctl has it. Spaces within a value are one, and
 * what is a number is one.
 */
export function kernelKeys(text: string): Readonly<Record<string, string | number>> {
  return Object.fromEntries(text.split(/\r?\n/).flatMap(setting));
}

function setting(written: string): readonly (readonly [string, string | number])[] {
  const line = written.trim().replace(/^-\s*/, "");
  const equals = line.indexOf("=");
  if (equals < 1 || line.startsWith("#") || line.startsWith(";")) return [];
  const value = line
    .slice(equals + 1)
    .trim()
    .replace(/\s+/g, " ");
  return [[keyName(line.slice(0, equals).trim()), String(Number(value)) === value ? Number(value) : value]];
}

/** `net.ipv4.conf.eth0/1.rp_filter` of `net/ipv4/conf/eth0.1/rp_filter`: sysctl takes both, and the first separator says which it is. */
function keyName(name: string): string {
  return /^[^./]*\//.test(name) ? name.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/")) : name;
}
