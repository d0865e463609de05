// Adds to package-lock.json the optional platform packages that the registry in use does not offer. npm leaves them out of
// the lock, and then refuses the lock ("Missing: … from lock file"). An entry without a checksum is enough: npm fetches it
// only on the platform it names.
const { readFileSync, writeFileSync } = require("node:fs");

const platforms = {
  os: ["aix", "android", "darwin", "freebsd", "linux", "openbsd", "openharmony", "sunos", "win32"],
  cpu: ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"],
};
const cpuOf = { armeabi: "arm", eabi: "arm", gnueabihf: "arm", musleabihf: "arm" };

/** os, cpu and libc as a package's name tells them: `@biomejs/cli-linux-arm64-musl`, `@oxc-parser/binding-win32-x64-msvc`. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => platforms.os.includes(word));
  const cpu = words.map((word) => cpuOf[word] ?? word).find((word) => platforms.cpu.includes(word));
  const libc = words.some((word) => word.startsWith("musl")) ? "musl" : words.some((word) => word.startsWith("gnu")) ? "glibc" : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(os && { os: [os] }), ...(libc && os === "linux" && { libc: [libc] }) };
}

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const named = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)));
const added = [];
for (const entry of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (named.has(name)) continue;
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), dev: true, optional: true };
    named.add(name);
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(added.length === 0 ? "package-lock.json is complete\n" : `completed package-lock.json: ${added.join(", ")}\n`);
