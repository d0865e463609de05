import { quoted } from "../core/yaml-scalar";
import type { NodeFile } from "./node-file";

/** What makes the files count without a reboot, one command a list. */
export type Command = readonly [string, ...string[]];

/**
 * Commands of the first boot. cloud-init writes the files after systemd has loaded modules and set kernel keys, so both are done
 * again, and then the boot unit. It comes last: cloud-init reports the exit code of the last command only.
 *
 * systemd-sysctl ignores a key that does not exist and exits 0; the unit reads back and does not.
 */
export function firstBootCommands(unit: string | undefined, modules: boolean): readonly Command[] {
  const again: readonly Command[] = modules ? [["systemctl", "restart", "systemd-modules-load.service"]] : [];
  if (unit === undefined) return [];
  return [
    ["systemctl", "daemon-reload"],
    ["systemctl", "enable", unit],
    ...again,
    ["systemctl", "restart", "systemd-sysctl.service"],
    ["systemctl", "restart", unit],
  ];
}

/**
 * The user data of cloud-init: the files, and the commands that make them count. Valid from cloud-init 22.4 on.
 *
 * Permissions are quoted, since a bare 0644 is a number and refused. Contents are literal blocks: each line is indented, so none
 * can end the block. Commands are lists, so no shell reads them.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/modules.html#write-files
 */
export function renderUserData(files: readonly NodeFile[], commands: readonly Command[]): string {
  const written = files.length === 0 ? "" : `write_files:\n${files.map(fileEntry).join("")}`;
  const run = commands.length === 0 ? "" : `runcmd:\n${commands.map((command) => `  - [${command.map(quoted).join(", ")}]\n`).join("")}`;
  return `#cloud-config\n${written}${run}`;
}

function fileEntry({ path, content, mode }: NodeFile): string {
  const head = `  - path: ${quoted(path)}\n    owner: root:root\n    permissions: "${mode}"\n`;
  return `${head}    content: |\n${literalBlock(path, content, "      ")}`;
}

/** The lines of a literal block. @throws RangeError for content that a literal block would not give back byte by byte. */
function literalBlock(path: string, content: string, indent: string): string {
  if (!/^[\x21-\x7e][\x20-\x7e\n]*[\x20-\x7e]\n$/.test(content))
    throw new RangeError(`${path}: not plain text that ends with one line break`);
  return content
    .slice(0, -1)
    .split("\n")
    .map((text) => (text === "" ? "\n" : `${indent}${text}\n`))
    .join("");
}
