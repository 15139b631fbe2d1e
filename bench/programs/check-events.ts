/** What `sovereign check --events` does, in a process of its own: prints its CPU seconds from the start of Node to the report, and MB at most. */
import { check, render } from "../../cli/check/check.ts";
import { readGraph } from "../../graph/read.ts";

const graph = await readGraph(process.argv[2]!, "events");
const checked = check(graph, { pack: ["sovereignty", "operations"], folder: "/nowhere" });
const report = render(checked, "text", { byFramework: false, color: false });
const { user, system } = process.cpuUsage();
const { maxRSS } = process.resourceUsage();
const { resources, findings } = checked.evaluation;
const hosts = findings.filter(({ rule }) => rule === "sovereignty/endpoints").length;
console.log(
  JSON.stringify({ resources, hosts, characters: report.length, cpu: (user + system) / 1e6, rss: maxRSS / 1024 }),
);
