import type { Command } from "commander" with { "resolution-mode": "import" };
import { type ChangeOptions, defaultAtATime, type PacedOptions, type ProfileOptions } from "../live-hosts/options";
import { type CommandContext, several } from "./command";

const inventoryHelp = `
The inventory says which hosts there are:
  defaults: { pool: oslo, user: deploy, privateKeyFile: ~/.ssh/id_ed25519 }
  hosts:
    oslo-1: { address: 10.0.0.11, hostKey: "ssh-ed25519 AAAA…" }
    oslo-2: { address: 10.0.0.12, hostKey: "ssh-ed25519 AAAA…" }
Host keys are pinned. Take each from the machine itself, not from the network:
  cat /etc/ssh/ssh_host_ed25519_key.pub      on its console, or from whoever installed it
Without privateKeyFile the SSH agent is asked. A sudo that wants a password: sudoPasswordVariable: MESHGROUND_SUDO_PASSWORD
What the hosts are to have is what the synth of the tree wrote: artefacts/nodes/POOL/profile.json`;

const codes = "2 called wrongly, 3 a host could not be asked or refused (the others were looked at)";

/** `meshground hosts`. */
export function addHosts(program: Command, context: CommandContext): void {
  const hosts = program
    .command("hosts")
    .helpCommand(false)
    .summary("plan, apply, verify, qualify and restore the profiles of Linux hosts, over SSH")
    .description("Gives Linux hosts the kernel profiles of their pools over SSH, as the Pulumi provider does, and looks after them.");
  addPlan(hosts, context);
  addApply(hosts, context);
  addVerify(hosts, context);
  addQualify(hosts, context);
  addRestore(hosts, context);
}

function addPlan(hosts: Command, { console, environment, exitCode }: CommandContext): void {
  withProfiles(withChoice(hosts.command("plan")))
    .summary("say what apply would change; changes nothing")
    .description("Reads every host, and says what apply would change there: each key with its value now and then, each file and module.")
    .addHelpText(
      "after",
      `
Examples:
  $ meshground hosts plan --inventory hosts.yaml
  $ meshground hosts plan --inventory hosts.yaml --pool oslo --json
${inventoryHelp}

Exit codes: 0 nothing to do, 1 changes, ${codes}.`,
    )
    .action(async (options: ChangeOptions & ProfileOptions) => {
      const { applyCommand } = await import("../live-hosts/change-hosts.js");
      exitCode(await applyCommand(options, console, environment));
    });
}

function addApply(hosts: Command, { console, environment, exitCode }: CommandContext): void {
  withPace(withYes(withProfiles(withChoice(hosts.command("apply")))))
    .summary("give hosts the profiles of their pools; without --yes only says what would change")
    .description(
      "Looks at all hosts; when one cannot be asked or something is in the way, nothing is changed on any. Then of each pool one host is changed alone, and the others a few at a time. The first failure stops it. Each host is changed wholly or not at all, and everything is read back.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ meshground hosts apply --inventory hosts.yaml                  a dry run
  $ meshground hosts apply --inventory hosts.yaml --yes
  $ meshground hosts apply --inventory hosts.yaml --host oslo-1 --yes
${inventoryHelp}

Ctrl-C begins nothing more and waits for what is under way; a second one leaves at once: what was begun on a host comes to its own end there.
Exit codes: 0 nothing to do or all done, 1 changes that were not made (no --yes), ${codes}, 130 interrupted.`,
    )
    .action(async (options: ChangeOptions & ProfileOptions) => {
      const { applyCommand } = await import("../live-hosts/change-hosts.js");
      exitCode(await applyCommand(options, console, environment));
    });
}

function addVerify(hosts: Command, { console, environment, exitCode }: CommandContext): void {
  withProfiles(withChoice(hosts.command("verify")))
    .summary("read everything back, and name what drifted")
    .description(
      "Reads every value, file and module of the profiles back, and names what is not as wanted, now or at the next boot. Changes nothing.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ meshground hosts verify --inventory hosts.yaml
  $ meshground hosts verify --inventory hosts.yaml --json | jq '.hosts[] | select(.state != "holds")'
${inventoryHelp}

Exit codes: 0 every host has its whole profile, 1 something drifted, ${codes}.`,
    )
    .action(async (options: ChangeOptions & ProfileOptions) => {
      const { verifyCommand } = await import("../live-hosts/verify-hosts.js");
      exitCode(await verifyCommand(options, console, environment));
    });
}

function addQualify(hosts: Command, { console, environment, exitCode }: CommandContext): void {
  withPace(withProfiles(withChoice(hosts.command("qualify"))))
    .summary("measure hosts against the limits of their pools")
    .description(
      "Measures each host for about a minute, and shows what was measured beside what its pool asks for. It loads every core and writes 22 MB to the disk of etcd: on a node that serves, run it when it may.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ meshground hosts qualify --inventory hosts.yaml
  $ meshground hosts qualify --inventory hosts.yaml --host oslo-3 --json
${inventoryHelp}
What they have to measure up to: artefacts/nodes/POOL/requirements.json, of a pool with qualify among its props.

Exit codes: 0 every host measures up, 1 one does not, 2 called wrongly, 3 one could not be measured at all.`,
    )
    .action(async (options: PacedOptions & ProfileOptions) => {
      const { qualifyCommand } = await import("../live-hosts/qualify-hosts.js");
      exitCode(await qualifyCommand(options, console, environment));
    });
}

function addRestore(hosts: Command, { console, environment, exitCode }: CommandContext): void {
  withPace(withYes(withChoice(hosts.command("restore"))))
    .summary("put back what was there before the first apply; without --yes only says what would change")
    .description(
      "Puts back the content, mode and owner of every file and the values that were there before the first apply, in the order in which apply goes.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ meshground hosts restore --inventory hosts.yaml --host oslo-1          a dry run
  $ meshground hosts restore --inventory hosts.yaml --host oslo-1 --yes
${inventoryHelp}

Exit codes: 0 nothing to do or all done, 1 changes that were not made (no --yes), ${codes}, 130 interrupted.`,
    )
    .action(async (options: ChangeOptions) => {
      const { restoreCommand } = await import("../live-hosts/change-hosts.js");
      exitCode(await restoreCommand(options, console, environment));
    });
}

function withChoice(command: Command): Command {
  return command
    .requiredOption("-i, --inventory <file>", "which hosts there are: YAML")
    .option("--host <name>", "host to work on; may be repeated (default: all)", several, [])
    .option("--pool <name>", "pool whose hosts to work on; may be repeated (default: all)", several, [])
    .option("--json", "write the report as JSON", false);
}

function withProfiles(command: Command): Command {
  return command.option("--artefacts <folder>", "folder of the tree's artefacts", "artefacts");
}

function withYes(command: Command): Command {
  return command.option("--yes", "change the hosts", false);
}

function withPace(command: Command): Command {
  return command.option(
    "--at-a-time <number>",
    "most hosts that are worked on at once, of a pool once its first has gone well",
    defaultAtATime,
  );
}
