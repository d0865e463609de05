import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary";
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
      shown.push(`${`$ ${command}\n${shortened(said.text)}`.trimEnd()}\n`);
    };
    show("npx meshground init shop", user.run(".", `npx --yes --package='${tarball}' meshground init shop`));
    useTarball(user, "shop");
    show("cd shop && npm install", user.run("shop", "npm install"));
    show("npm run synth");
    show("npm test");
    show("npm run check");
    show("npx meshground graph manifests --output mesh.html");
    expect(user.read("shop/mesh.html")).toMatch(/^<!doctype html>/i);
    show("cp -r manifests before");
    user.edit("shop/shop.ts", "weight: 5 ", "weight: 20 ");
    shown.push("$ sed -i 's/weight: 5/weight: 20/' shop.ts\n");
    show("npm test", undefined, 1);
    show("npm run accept");
    show("npm run synth");
    show("npx meshground diff before manifests", undefined, 1);
    expect(user.run("shop", "npm test")).toMatchObject({ status: 0 });
    await expect(shown.join("\n")).toMatchFileSnapshot(join(__dirname, "../golden/new-user.txt"));
  }, 480_000);

  describe("with pnpm, which hoists nothing and runs no install script", () => {
    const withPulumi = !isMissing(engines.pulumi);
    let user: User;
    const run = (command: string, status = 0, environment: Readonly<Record<string, string>> = {}): string => {
      const said = user.run("platform", command, environment);
      expect(said, said.text).toMatchObject({ status });
      return said.text;
    };
    beforeAll(() => {
      user = new User(withPulumi ? [join(folderOf(engines.pulumi), "bin"), languageHostFolder(temporaryFolder("language-host"))] : []);
      expect(user.run(".", `pnpm --package='${tarball}' dlx meshground init platform --template platform`)).toMatchObject({ status: 0 });
      useTarball(user, "platform");
      // What Pulumi's own dependencies ask of each other is not the project's.
      expect(run("pnpm install")).not.toMatch(/Ignored build scripts|(?:missing|unmet) peer (?!@opentelemetry)/);
    });

    test("gets as far with a whole platform", () => {
      expect(run("ENVIRONMENT=staging pnpm run synth")).toContain("manifests: 3 files");
      expect(run("pnpm run synth")).toContain("Istio 1.31.4 on Kubernetes 1.36");
      expect(run("pnpm run check")).toContain("Nothing found. 40 objects in 3 files");
      expect(run("pnpm test")).toMatch(/Tests +2 passed/);
      user.edit("platform/environments.ts", "canaryWeight: 5,", "canaryWeight: 10,");
      expect(run("pnpm test", 1)).toMatch(/- +weight: 5\s+\+ +weight: 10/);
      run("pnpm run accept");
      expect(run("pnpm test")).toMatch(/Tests +2 passed/);
    });

    test.skipIf(!withPulumi)("sees what Pulumi would do with three servers, before there are any", () => {
      const { PATH: _, ...pulumi } = engineEnvironment(user.home, []);
      const servers = [1, 2, 3].map((number) => ({ name: `oslo-${number}`, address: `10.0.0.1${number}`, hostKey }));
      const config = { environment: "production", user: "ops", privateKey, stages: '["hosts"]', servers: JSON.stringify(servers) };
      run("pulumi stack init production", 0, pulumi);
      run(
        `pulumi config set-all ${Object.entries(config)
          .map(([key, value]) => `--secret ${key}='${value}'`)
          .join(" ")}`,
        0,
        pulumi,
      );
      expect(run("pnpm run preview --non-interactive", 0, pulumi)).toMatch(/\+ 5 to create/);
    });
  });
});

const privateKey = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
