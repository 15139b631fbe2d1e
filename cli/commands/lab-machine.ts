/** A shell and the journal of one machine. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Command } from "commander";
import { closest } from "fastest-levenshtein";
import { enterArgv } from "../../lab/machines/enter.ts";
import { listMachines, type Machine } from "../../lab/session/machines.ts";
import type { RunningLab } from "../../lab/session/session.ts";
import { withExamples } from "../examples.ts";
import { CommandError } from "../output.ts";
import { requireLab } from "../require-lab.ts";
import { labNameOption } from "./options.ts";

async function runningMachine(lab: RunningLab, name: string): Promise<Machine & { leader: number }> {
  const machines = await listMachines(lab);
  const found = machines.find((m) => m.name === name || String(m.id) === name);
  if (!found) {
    const names = machines.map((m) => m.name);
    const hint =
      names.length > 0 ? `did you mean ${closest(name, names)}? There are ${names.join(", ")}` : "it has none";
    throw new CommandError(`the lab ${lab.name} has no machine ${name}: ${hint}`, 2);
  }
  const { leader } = found;
  if (leader === null) throw new CommandError(`${found.name} is ${found.status}: there is nothing to enter`);
  return { ...found, leader };
}

/** Runs a command in a machine on this terminal. @returns its exit code */
async function runIn(lab: RunningLab, name: string, argv: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new CommandError("entering a machine needs root: run this with sudo", 2);
  const machine = await runningMachine(lab, name);
  const [file, ...args] = enterArgv(lab.process.pid, machine.leader, argv);
  // Ctrl-C is the command's own affair.
  process.on("SIGINT", () => undefined);
  return new Promise((resolve, reject) => {
    spawn(file!, args, { stdio: "inherit" })
      .once("error", reject)
      .once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

export function labShellCommand(): Command {
  const command = new Command("shell")
    .description("A root shell, or one command, in a machine of a lab")
    .argument("<machine>", "name of the server, or its id")
    .argument("[command...]", "what to run there instead of a shell")
    .addOption(labNameOption())
    .action(async (machine: string, argv: string[], { name }: { name: string }) => {
      const lab = await requireLab(name);
      process.exitCode = await runIn(lab, machine, argv.length > 0 ? argv : ["/bin/bash", "--login"]);
    });
  return withExamples(command, [
    ["sudo npx sovereign lab shell single-region-postgres-fsn1-1", "look around"],
    [
      "sudo npx sovereign lab shell single-region-postgres-fsn1-1 -- patronictl -c /etc/patroni/config.yml list",
      "who leads",
    ],
  ]);
}

interface LogOptions {
  readonly name: string;
  readonly follow?: boolean;
  readonly lines: string;
  readonly unit?: string;
}

export function labLogsCommand(): Command {
  const command = new Command("logs")
    .description("The journal of a machine of a lab, its first boot included")
    .argument("<machine>", "name of the server, or its id")
    .addOption(labNameOption())
    .option("-f, --follow", "go on with what comes")
    .option("-n, --lines <number>", "how many of the last lines, or all", "200")
    .option("-u, --unit <unit>", "of one unit only")
    .action(async (machine: string, { name, follow = false, lines, unit }: LogOptions) => {
      const lab = await requireLab(name);
      const flags = [`--lines=${lines}`, ...(follow ? ["--follow"] : []), ...(unit ? [`--unit=${unit}`] : [])];
      process.exitCode = await runIn(lab, machine, ["journalctl", "--no-pager", ...flags]);
    });
  return withExamples(command, [
    ["sudo npx sovereign lab logs single-region-app-fsn1-1", "its last 200 lines"],
    ["sudo npx sovereign lab logs single-region-monitoring-fsn1-1 -f -u prometheus.service", "one unit, live"],
  ]);
}
