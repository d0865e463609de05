import { type Output, output, runtime } from "@pulumi/pulumi";
import { KubernetesNode, TunedHost, tunedHostProfile } from "meshground/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import { poolOf } from "../../nodes/pool";
import { hostKey } from "./wire";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}
const registered: Registered[] = [];

beforeAll(async () => {
  await runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, name, inputs });
      return { id: `${name}-id`, state: inputs };
    },
    call: ({ inputs }) => inputs,
  });
});

/** What the engine was told of a resource, once it was told. */
async function registration(resource: { readonly urn: Output<string> }): Promise<Registered> {
  const urn = await new Promise<string>((resolve) => resource.urn.apply(resolve));
  const found = registered.find(({ name }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`${urn} was not registered`);
  return found;
}

const { specialSecretSig, specialSigKey } = runtime;

/** A value under mocks: a secret inside makes a secret of the whole. */
function sealed(value: unknown): unknown {
  return { [specialSigKey]: specialSecretSig, value };
}

describe("a TunedHost", () => {
  const connection = { address: "10.0.0.11", hostKey };

  test.each(["privateKey", "passphrase", "sudoPassword"])("never hands a %s to the engine in the clear", async (part) => {
    const { inputs } = await registration(new TunedHost(part, { connection: { ...connection, [part]: "x" }, pool: "oslo" }));
    expect(inputs.connection).toEqual(sealed({ ...connection, [part]: "x" }));
  });

  test("never hands the key of a jump host to the engine in the clear", async () => {
    const jump = { ...connection, privateKey: "x" };
    const { inputs } = await registration(new TunedHost("jump", { connection: { ...connection, jump }, pool: "oslo" }));
    expect(inputs.connection).toEqual(sealed({ ...connection, jump }));
  });

  test("hides nothing of a connection without secrets", async () => {
    const { inputs } = await registration(new TunedHost("open", { connection, pool: "oslo" }));
    expect(inputs.connection).toEqual(connection);
  });

  test("hides the whole of a connection that another resource hands over", async () => {
    const { inputs } = await registration(new TunedHost("whole", { connection: output(connection), pool: "oslo" }));
    expect(inputs.connection).toEqual(sealed(connection));
  });

  test("takes its profile from a pool", async () => {
    const { inputs } = await registration(new TunedHost("pool", { connection, ...tunedHostProfile(poolOf()) }));
    expect(inputs).toMatchObject({ pool: "oslo", kernel: { "net.core.somaxconn": "32768" } });
    expect(inputs.links).toHaveProperty(["/etc/systemd/system/multi-user.target.wants/meshground-kernel-profile.service"]);
  });
});

test("a KubernetesNode hands its tokens to the engine as secrets", async () => {
  const bootstrap = { release: "v1.36.2+k3s1", install: "i", start: "s", version: "v" };
  const node = new KubernetesNode("node", { connection: { address: "a", hostKey }, bootstrap, secrets: { K3S_TOKEN: "x" } });
  expect((await registration(node)).inputs).toMatchObject({ secrets: sealed({ K3S_TOKEN: "x" }), bootstrap });
});
