import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { engines, folderOf } from "./engines.mts";
import { packedPackage } from "./new-user/packed";
import { shortened } from "./new-user/transcript";
import { User } from "./new-user/user";
import { isMissing } from "./program";
import { engineEnvironment, languageHostFolder } from "./pulumi/project.mts";

/** A registry that does not answer is no fault of the package. */
const registryIsMissing = new User().run(".", "npm view cdk8s@2.64.19 version").status !== 0;
if (registryIsMissing) process.stderr.write("SKIPPED: the npm registry does not answer.\n");

describe.skipIf(registryIsMissing)("somebody who has never seen meshground", () => {
  let tarball: string;
  beforeAll(() => {
    tarball = packedPackage();
  });
  /** The package comes from its tarball. Once it is published, the version that `init` writes is all that is needed. */
  const useTarball = (user: User, project: string): void =>
    user.edit(`${project}/package.json`, '"meshground": "0.1.0"', `"meshground": "file:${tarball}"`);

  test("gets from an empty folder to a canary that is rendered, tested and checked, with npm", async () => {
    const user = new User();
    const shown: string[] = [];
    const show = (command: string, said = user.run("shop", command), status = 0): void => {
      expect(said, said.text).toMatchObject({ status });
      shown.push(`$ ${command}\n${shortened(said.text)}\n`);
    };
    show("npx meshground init shop", user.run(".", `npx --yes --package='${tarball}' meshground init shop`));
    useTarball(user, "shop");
    show("cd shop && npm install", user.run("shop", "npm install"));
    show("npm run synth");
    show("npm test");
    show("npm run check");
    // What else the command shows of the project comes in here: its picture, and the difference that the new weight makes.
    user.edit("shop/shop.ts", "weight: 5 ", "weight: 20 ");
    shown.push("$ sed -i 's/weight: 5/weight: 20/' shop.ts\n");
    show("npm test", undefined, 1);
    show("npm run accept");
    expect(user.run("shop", "npm test")).toMatchObject({ status: 0 });
    await expect(shown.join("\n")).toMatchFileSnapshot(join(__dirname, "../golden/new-user.txt"));
  });

  test("gets as far with pnpm, which hoists nothing and runs no install script, with the whole platform", () => {
    const user = new User();
    const run = (command: string, status = 0): string => {
      const said = user.run("platform", command);
      expect(said, said.text).toMatchObject({ status });
      return said.text;
    };
    expect(user.run(".", `pnpm --package='${tarball}' dlx meshground init platform --template platform`)).toMatchObject({ status: 0 });
    useTarball(user, "platform");
    // What Pulumi's own dependencies ask of each other is not the project's.
    expect(run("pnpm install")).not.toMatch(/Ignored build scripts|(?:missing|unmet) peer (?!@opentelemetry)/);
    expect(run("pnpm run synth")).toContain("manifests: 3 files");
    expect(run("ENVIRONMENT=staging pnpm run synth")).toContain("Istio 1.31.4 on Kubernetes 1.36");
    expect(run("pnpm run check")).toContain("Nothing found. 40 objects in 3 files");
    expect(run("pnpm test")).toMatch(/Tests +2 passed/);
    user.edit("platform/environments.ts", "canaryWeight: 5,", "canaryWeight: 10,");
    expect(run("pnpm test", 1)).toMatch(/- +weight: 5\n\+ +weight: 10/);
    run("pnpm run accept");
    expect(run("pnpm test")).toMatch(/Tests +2 passed/);
  });

  test.skipIf(isMissing(engines.pulumi))("sees what Pulumi would do with three servers, before there are any", () => {
    const languageHost = languageHostFolder(new User().home);
    const user = new User([join(folderOf(engines.pulumi), "bin"), languageHost]);
    const { PATH: _, ...pulumi } = engineEnvironment(user.home, []);
    const run = (command: string): string => {
      const said = user.run("platform", command, pulumi);
      expect(said, said.text).toMatchObject({ status: 0 });
      return said.text;
    };
    expect(user.run(".", `npx --yes --package='${tarball}' meshground init platform --template platform`)).toMatchObject({ status: 0 });
    useTarball(user, "platform");
    run("npm install");
    run("pulumi stack init production");
    run("pulumi config set environment production && pulumi config set user ops");
    run(`echo '${privateKey}' | pulumi config set --secret privateKey`);
    [1, 2, 3].forEach((number, index) => {
      const server = { name: `oslo-${number}`, address: `10.0.0.1${number}`, hostKey };
      for (const [key, value] of Object.entries(server)) run(`pulumi config set --path 'servers[${index}].${key}' '${value}'`);
    });
    run("pulumi config set --path 'stages[0]' hosts");
    expect(run("npm run preview -- --non-interactive")).toMatch(/\+ 5 to create/);
  });
});

const privateKey = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
