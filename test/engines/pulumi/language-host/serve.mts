// A stand-in for Pulumi's own language host for Node, for machines that do not have it. It speaks the engine's public protocol, and starts the
// program with the SDK's own runner. It names no plugins that the program needs, so the engine looks for providers on PATH and in Pulumi.yaml.
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import service from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";

/** The SDK's own copies: messages of another copy of the library are refused. */
const ofTheSdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { Server, ServerCredentials } = ofTheSdk("@grpc/grpc-js");
const { Empty } = ofTheSdk("google-protobuf/google/protobuf/empty_pb");

type Reply = (error: Error | null, message: unknown) => void;
type RunRequest = InstanceType<typeof language.RunRequest>;

/** Exit code of a program that has said itself what went wrong. */
const saidItself = 32;

const engine = process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";
const programs = new Set<ChildProcess>();

/** What the SDK's runner is told of a run. */
function runnerArguments(request: RunRequest, folder: string): readonly string[] {
  const flags = {
    monitor: request.getMonitorAddress(),
    engine,
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    "root-directory": request.getInfo()?.getRootDirectory() ?? folder,
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const set = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return [...set, ...(request.getDryrun() ? ["--dry-run"] : []), request.getInfo()?.getEntryPoint() || "."];
}

function run({ request }: { readonly request: RunRequest }, reply: Reply): void {
  const folder = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const runner = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const config = Object.fromEntries(request.getConfigMap().toArray());
  const program = spawn(process.execPath, [runner, ...runnerArguments(request, folder)], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_NODEJS_TYPESCRIPT: "true",
    },
  });
  programs.add(program);
  program.once("exit", (code) => {
    programs.delete(program);
    const response = new language.RunResponse();
    if (code === saidItself) response.setBail(true);
    else if (code !== 0) response.setError(`the program ended with exit code ${code}`);
    reply(null, response);
  });
}

/** Answers every call with the same message. */
function always(message: unknown): (call: unknown, reply: Reply) => void {
  return (_call, reply) => reply(null, message);
}

const own = new plugin.PluginInfo();
own.setVersion("0.0.0");

const answers = {
  run,
  cancel: (_call: unknown, reply: Reply) => {
    for (const program of programs) program.kill("SIGINT");
    reply(null, new Empty());
  },
  handshake: always(new language.LanguageHandshakeResponse()),
  getPluginInfo: always(own),
  getRequiredPlugins: always(new language.GetRequiredPluginsResponse()),
  getRequiredPackages: always(new language.GetRequiredPackagesResponse()),
  getProgramDependencies: always(new language.GetProgramDependenciesResponse()),
  about: always(new language.AboutResponse()),
  runtimeOptionsPrompts: always(new language.RuntimeOptionsResponse()),
};

const server = new Server();
server.addService(service.LanguageRuntimeService, answers);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error: Error | null, port: number) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
