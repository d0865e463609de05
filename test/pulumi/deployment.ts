import { log, runtime } from "@pulumi/pulumi";
import { vi } from "vitest";

/** A resource as the engine is asked to make it. */
export interface AskedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Name of its parent; empty for none. */
  readonly parent: string;
  /** Secrets are under a mark, as the engine gets them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the resources that it waits for. Its parent and its provider are not among them. */
  readonly waitsFor: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly protect: boolean;
  readonly aliases: readonly string[];
  /** Inputs whose value is a secret, from the top. */
  readonly secrets: readonly string[];
}

/** What the engine was asked for, and what went wrong. */
export interface Deployment {
  readonly resources: readonly AskedResource[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getProtect(): boolean | undefined;
  getAliasesList(): { getSpec(): { getType(): string } | undefined }[];
}

type Answer = (error: unknown, response?: { getUrn(): string }) => void;

interface Monitor {
  registerResource(request: Request, answer: Answer): Promise<void>;
}

const settings = runtime as unknown as { getMonitor(): Monitor; waitForRPCs(): Promise<void> };

/** What a provider would say; undefined for an ordinary answer. Throws what the provider would refuse. */
export type Provider = (type: string, name: string) => Readonly<Record<string, unknown>> | undefined;

/** Runs a program against a double of the engine: each resource is made at once, with its inputs as its outputs. */
export async function deploy(program: () => unknown, provider: Provider = () => undefined): Promise<Deployment> {
  const errors: string[] = [];
  const warnings: string[] = [];
  const resources: AskedResource[] = [];
  const warn = vi.spyOn(log, "warn").mockImplementation(async (message) => void warnings.push(message));
  await runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: type.startsWith("hcloud:") ? "4711" : `${name}-id`,
        state: { ...inputs, ...outputs(type, name), ...provider(type, name) },
      }),
      call: () => ({}),
    },
    "ground",
    "dev",
  );
  recordInto(resources);
  const onRejection = (error: unknown): void => void errors.push(error instanceof Error ? error.message : String(error));
  process.on("unhandledRejection", onRejection);
  try {
    program();
    // A resource that waits for another one is asked for some turns of the event loop after that one is there.
    for (let seen = -1; seen !== resources.length; ) {
      seen = resources.length;
      await settings.waitForRPCs().catch(onRejection);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  } finally {
    process.off("unhandledRejection", onRejection);
    warn.mockRestore();
  }
  return { resources, errors, warnings };
}

/** What our own resources say of themselves once they are there. */
function outputs(type: string, name: string): Readonly<Record<string, unknown>> {
  if (type === "meshground:index:HostKeyPair") {
    const key = "AAAAC3NzaC1lZDI1NTE5AAAAIB8Ag5bvZ5NdgFMl4Ghq0Ma4YvxsxjdRwVBY8JHmQbbz";
    const lines = ["-----BEGIN OPENSSH PRIVATE KEY-----", "b3BlbnNzaC1rZXktdjEAAAAA", "-----END OPENSSH PRIVATE KEY-----", ""];
    return { publicKey: `ssh-ed25519 ${key} ${name.split("/").at(-2)}`, fingerprint: "SHA256:x", privateKey: lines.join("\n") };
  }
  if (type === "meshground:index:ClusterToken") return { token: `token of ${name}`, certificateKey: `certificate key of ${name}` };
  if (type === "meshground:index:KubernetesNode") return { kubeconfig };
  return {};
}

/** A certificate that nobody trusts, and the fingerprint of its key as openssl has it. */
export const authority = {
  certificate:
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJRRENCODZBREFnRUNBaFJMUXREd0gwNzY4c0hmTnJjNHR5NStGekNNeWpBRkJnTXJaWEF3RlRFVE1CRUcKQTFVRUF3d0thM1ZpWlhKdVpYUmxjekFnRncweU5qRXhNamN4T0RFek1EZGFHQTh5TVRJMk1URXdNekU0TVRNdwpOMW93RlRFVE1CRUdBMVVFQXd3S2EzVmlaWEp1WlhSbGN6QXFNQVVHQXl0bGNBTWhBRUNLUmNoVlRLMXRDYnhKCk9ZSWpVWUY0alhPeW5KOVU1NU9lVWxZYWFBL0pvMU13VVRBZEJnTlZIUTRFRmdRVWN5S0dZRW5hUnM3MEMwZ1UKOHgwckRFM1NrR2d3SHdZRFZSMGpCQmd3Rm9BVWN5S0dZRW5hUnM3MEMwZ1U4eDByREUzU2tHZ3dEd1lEVlIwVApBUUgvQkFVd0F3RUIvekFGQmdNclpYQURRUUFGK2dxMVhLUUEwN0RlVHZ1SVZLL0hOYlFtNGhhaW5rdTVaS0ozCjBuS1V4enBIR3pGcEkrdGNTQmgvUWgyZGF4OXpQMklCY0JqMzVSbk1Cd3FDaGtVRAotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==",
  fingerprint: "sha256:d7cea673de15ba33974754773fc53a904f1636c84fb9d7d24a322414ce90b8ee",
};

const kubeconfig = `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${authority.certificate}\nusers: []\n`;

function recordInto(resources: AskedResource[]): void {
  const monitor = settings.getMonitor();
  const make = monitor.registerResource.bind(monitor);
  const names = new Map<string, string>();
  monitor.registerResource = (request, answer) =>
    make(request, (error, response) => {
      const urn = response?.getUrn();
      if (urn !== undefined) names.set(urn, request.getName());
      resources.push(asked(request, urn ?? "", names));
      answer(error, response);
    });
}

function asked(request: Request, urn: string, names: ReadonlyMap<string, string>): AskedResource {
  const raw = request.getObject().toJavaScript();
  const name = (other: string): string => names.get(other) ?? other;
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: name(request.getParent()),
    inputs: raw,
    waitsFor: request
      .getDependenciesList()
      .map(name)
      .filter((other) => other !== name(request.getProvider().split("::").slice(0, 4).join("::")))
      .sort(),
    ignoreChanges: request.getIgnorechangesList(),
    protect: request.getProtect() ?? false,
    aliases: request.getAliasesList().map((alias) => alias.getSpec()?.getType() ?? ""),
    secrets: Object.entries(raw).flatMap(([input, value]) => (holdsSecret(value) ? [input] : [])),
  };
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "4dabf18193072939515e22adb298388d" in value || Object.values(value).some(holdsSecret);
}

/** A deployment as text, a line a resource in the order in which they were asked for: type, name, marks, and what it waits for. */
export function listing({ resources }: Deployment, stack: string): string {
  const short = (name: string): string => (name.startsWith(`${stack}/`) ? name.slice(stack.length + 1) : name);
  const lines = resources.map(({ type, name, waitsFor, ignoreChanges, protect }) =>
    [
      `${type} ${short(name)}`,
      ...(protect ? ["protected"] : []),
      ...(ignoreChanges.length > 0 ? [`ignores ${ignoreChanges.join(", ")}`] : []),
      ...(waitsFor.length > 0 ? [`after ${waitsFor.map(short).join(", ")}`] : []),
    ].join("; "),
  );
  return `${lines.join("\n")}\n`;
}
