/** The process within a test's world: an API without a socket, the network of its lab, and programs in namespaces. Started by testing.ts. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { openTestLab } from "../../api/testing.ts";
import { labView } from "../../api/view.ts";
import { run } from "../run.ts";
import { inside } from "./inside.ts";
import { type LabNetwork, type NetworkOptions, openNetwork } from "./network.ts";

export type WorldRequest =
  | { readonly kind: "open"; readonly options: Pick<NetworkOptions, "tree" | "lab" | "delays" | "uplink"> }
  | { readonly kind: "api"; readonly method: string; readonly path: string; readonly body?: unknown }
  | { readonly kind: "network"; readonly method: string; readonly args: readonly unknown[] }
  /** Without a namespace: where the lab's process is, which stands for the host. */
  | {
      readonly kind: "run";
      readonly namespace?: string | undefined;
      readonly argv: readonly string[];
      readonly input?: string | undefined;
    }
  | { readonly kind: "start"; readonly namespace?: string | undefined; readonly argv: readonly string[] }
  /** Writes a line to a program that was started and answers with the next line that it prints. */
  | { readonly kind: "ask"; readonly program: number; readonly line: string };

export type WorldAnswer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

const lab = openTestLab();
let network: LabNetwork | undefined;
/** Commands that were run, to show when none was. */
let commands = 0;
const programs: { readonly child: ChildProcessWithoutNullStreams; readonly lines: AsyncIterator<string> }[] = [];

const within = (namespace: string | undefined, argv: readonly string[]) =>
  (namespace === undefined ? argv : inside(namespace, ...argv)) as readonly [string, ...string[]];

async function answer(request: WorldRequest): Promise<unknown> {
  switch (request.kind) {
    case "open": {
      const counted: typeof run = (...args) => {
        commands++;
        return run(...args);
      };
      network = await openNetwork({ ...request.options, view: labView(lab.lab), run: counted });
      return { uplink: network.uplink, services: network.services };
    }
    case "api": {
      const { method, path, body } = request;
      const send = { GET: lab.get, POST: lab.post, PUT: lab.put, DELETE: lab.delete }[method]!;
      const answered = await send(path, body);
      if (answered.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answered.body)}`);
      return answered.body;
    }
    case "network": {
      const before = commands;
      const method = network![request.method as "reconcile"] as (...args: readonly unknown[]) => Promise<unknown>;
      const value = await method.apply(network, [...request.args]);
      return { value, commands: commands - before };
    }
    case "run":
      return run(within(request.namespace, request.argv), request.input === undefined ? {} : { input: request.input });
    case "start": {
      const [program, ...args] = within(request.namespace, request.argv);
      const child = spawn(program, args, {
        stdio: ["pipe", "pipe", "inherit"],
      }) as unknown as ChildProcessWithoutNullStreams;
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      // It says when it is ready.
      await lines.next();
      return programs.push({ child, lines }) - 1;
    }
    case "ask": {
      const { child, lines } = programs[request.program]!;
      child.stdin.write(`${request.line}\n`);
      return (await lines.next()).value;
    }
  }
}

process.on("message", ({ id, request }: { id: number; request: WorldRequest }) => {
  answer(request).then(
    (value) => process.send!({ id, value }),
    (error: unknown) => process.send!({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => {
  lab.close();
  process.exit(0);
});
process.send!("ready");
