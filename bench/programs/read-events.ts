/** Reads an event stream in a process of its own and prints what that took: CPU seconds without Node's own start, and MB at most. */
import { readEventsFile } from "../../graph/events.ts";

const before = process.cpuUsage();
const { graph } = await readEventsFile(process.argv[2]!);
const { user, system } = process.cpuUsage(before);
const { maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ resources: graph.resources.length, cpu: (user + system) / 1e6, rss: maxRSS / 1024 }));
