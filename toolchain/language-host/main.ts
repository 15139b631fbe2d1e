/**
 * The engine's language host for Node where the vendor's cannot be had: a gRPC service that starts programs, policy
 * packs and plugins under the Node that their project pins. The protocol comes from the program's own
 * @pulumi/pulumi, so that this file works wherever it is installed.
 */
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as languageTypes from "@pulumi/pulumi/proto/language_pb.js";
import { onEngineGone } from "./orphan.ts";
import { dependencies, pinnedNode, requiredPackages } from "./packages.ts";
import { pluginCommand, programCommand, type RuntimeOptions, runResult, start, stop, stopAll } from "./run.ts";
import { sdkRequire } from "./sdk.ts";

const engine = process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";

const require = sdkRequire();
const grpc = require("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
const { LanguageRuntimeService } = require("./proto/language_grpc_pb.js");
const language = require("./proto/language_pb.js") as typeof languageTypes;
const plugin = require("./proto/plugin_pb.js") as typeof import("@pulumi/pulumi/proto/plugin_pb.js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { version } = require("./package.json") as { version: string };

type Call<T> = ServerUnaryCall<T, unknown>;
type Reply = sendUnaryData<unknown>;

/** Makes a unary method of a function; what it throws becomes the call's error. */
function unary<T>(answer: (request: T, call: Call<T>) => unknown) {
  return async (call: Call<T>, reply: Reply) => {
    try {
      reply(null, await answer(call.request, call));
    } catch (error) {
      reply({ code: grpc.status.INTERNAL, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

function optionsOf(info: languageTypes.ProgramInfo | undefined): RuntimeOptions {
  return (info?.getOptions()?.toJavaScript() as RuntimeOptions | undefined) ?? {};
}

function getRequiredPackages(request: languageTypes.GetRequiredPackagesRequest) {
  const packages = requiredPackages(request.getInfo()?.getProgramDirectory() ?? process.cwd());
  return new language.GetRequiredPackagesResponse().setPackagesList(
    packages.map(({ name, version, server }) => {
      const dependency = new plugin.PackageDependency();
      dependency.setKind("resource");
      dependency.setName(name);
      dependency.setVersion(version);
      dependency.setServer(server);
      return dependency;
    }),
  );
}

function run(request: languageTypes.RunRequest, call: Call<languageTypes.RunRequest>) {
  const info = request.getInfo();
  const command = programCommand({
    programDirectory: info?.getProgramDirectory() ?? request.getPwd(),
    rootDirectory: info?.getRootDirectory() ?? "",
    entryPoint: info?.getEntryPoint() ?? request.getProgram(),
    pwd: request.getPwd(),
    args: request.getArgsList(),
    options: optionsOf(info),
    engine,
    monitor: request.getMonitorAddress(),
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    config: Object.fromEntries(request.getConfigMap().toArray()),
    configSecretKeys: request.getConfigsecretkeysList(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
  });
  const child = start(command, "inherit");
  call.on("cancelled", () => stop(child));
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`cannot start ${command.file}: ${error.message}`)));
    child.once("close", (code, signal) => {
      const { error, bail } = runResult(code, signal);
      const response = new language.RunResponse();
      response.setError(error);
      response.setBail(bail);
      resolve(response);
    });
  });
}

function runPlugin(call: ServerWritableStream<languageTypes.RunPluginRequest, unknown>) {
  const fail = (error: unknown) =>
    call.destroy(Object.assign(new Error(error instanceof Error ? error.message : String(error)), { code: 13 }));
  const request = call.request;
  const info = request.getInfo();
  try {
    const child = start(
      pluginCommand({
        kind: request.getKind(),
        programDirectory: info?.getProgramDirectory() ?? request.getPwd(),
        pwd: request.getPwd(),
        args: request.getArgsList(),
        env: request.getEnvList(),
        options: optionsOf(info),
      }),
      "pipe",
    );
    const send = (fill: (response: languageTypes.RunPluginResponse) => void) => {
      const response = new language.RunPluginResponse();
      fill(response);
      call.write(response);
    };
    child.stdout?.on("data", (chunk: Buffer) => send((response) => response.setStdout(chunk)));
    child.stderr?.on("data", (chunk: Buffer) => send((response) => response.setStderr(chunk)));
    child.once("error", fail);
    child.once("close", (code) => {
      send((response) => response.setExitcode(code ?? 1));
      call.end();
    });
    call.on("cancelled", () => stop(child));
  } catch (error) {
    fail(error);
  }
}

function installDependencies(call: ServerWritableStream<languageTypes.InstallDependenciesRequest, unknown>) {
  const cwd = call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory();
  const child = start({ file: "npm", args: ["install"], cwd, env: process.env }, "pipe");
  const send = (stream: "stdout" | "stderr", chunk: Buffer) => {
    const response = new language.InstallDependenciesResponse();
    if (stream === "stdout") response.setStdout(chunk);
    else response.setStderr(chunk);
    call.write(response);
  };
  child.stdout?.on("data", (chunk: Buffer) => send("stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => send("stderr", chunk));
  const fail = (message: string) => call.destroy(Object.assign(new Error(message), { code: 13 }));
  child.once("error", (error) => fail(`cannot start npm: ${error.message}`));
  child.once("close", (code) => (code === 0 ? call.end() : fail(`"npm install" in ${cwd} failed with code ${code}`)));
  call.on("cancelled", () => stop(child));
}

function about() {
  const response = new language.AboutResponse();
  response.setExecutable(pinnedNode(process.cwd()));
  response.setVersion(process.version);
  return response;
}

function getProgramDependencies(request: languageTypes.GetProgramDependenciesRequest) {
  const list = dependencies(request.getInfo()?.getProgramDirectory() ?? request.getPwd()).map(({ name, version }) => {
    const dependency = new language.DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    return dependency;
  });
  return new language.GetProgramDependenciesResponse().setDependenciesList(list);
}

function getPluginInfo() {
  const info = new plugin.PluginInfo();
  info.setVersion(version);
  return info;
}

function cancel() {
  stopAll();
  return new Empty();
}

const service: UntypedServiceImplementation = {
  handshake: unary(() => new language.LanguageHandshakeResponse()),
  getPluginInfo: unary(getPluginInfo),
  getRequiredPackages: unary(getRequiredPackages),
  run: unary(run),
  runPlugin,
  installDependencies,
  runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
  template: unary(() => new Empty()),
  about: unary(about),
  getProgramDependencies: unary(getProgramDependencies),
  cancel: unary(cancel),
};

function serve(): void {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(LanguageRuntimeService, service);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    // The engine reads the port from the first line.
    console.log(port);
  });
  const leave = () => {
    stopAll();
    server.forceShutdown();
    process.exit(0);
  };
  process.once("SIGINT", leave).once("SIGTERM", leave);
  onEngineGone(leave);
}

serve();
