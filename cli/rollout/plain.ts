/** Machines without anything to hand over: etcd's witness, the monitoring, DNS servers. One after another, each when the others work. */
import { ports } from "../../lab/drills/platform.ts";
import type { View } from "./next.ts";
import { AWAY, type Part, type PartContext } from "./part.ts";
import { bootProbe, bootProblem, etcdProbe, etcdProblem, inParts } from "./probe.ts";
import type { HostState } from "./state.ts";
import { lastWords } from "./way.ts";

export type PlainRole = "etcd" | "monitoring" | "gateway";

interface Kind {
  /** Run by a shell after the question whether it has booted; $1 is the private address. */
  readonly probe: string;
  /** What is wrong; undefined when it works. */
  problem(name: string, answer: string): string | undefined;
  readonly role: string;
  cost(machines: number): string;
}

/** Left there by the DNS server's own check, which asks it as anybody could. */
const dnsStatus = {
  program: "/usr/local/lib/sovereign/dns-status",
  metrics: "/var/lib/prometheus/node-exporter/dns.prom",
};

const kinds: Readonly<Record<PlainRole, Kind>> = {
  etcd: {
    probe: etcdProbe,
    problem: (name, answer) => (answer === "" ? `etcd on ${name} is not set up` : etcdProblem(answer, 3)),
    role: "witness",
    cost: () => `etcd has no member to spare for ${AWAY}: the loss of a database node stops writes then`,
  },
  monitoring: {
    probe: `for port in ${ports.prometheus} 9093; do
  curl -s -o /dev/null --max-time 4 -w '%{http_code} ' "http://$1:$port/-/ready" || true
done`,
    problem: (name, answer) =>
      answer.trim() === "200 200"
        ? undefined
        : `Prometheus and Alertmanager on ${name} are not ready: ${answer || "no answer"}`,
    role: "monitoring",
    cost: () => `no metrics and no alerts for ${AWAY}; what was measured before stays`,
  },
  gateway: {
    probe: `timeout 40 ${dnsStatus.program} >/dev/null 2>&1; cat ${dnsStatus.metrics} 2>/dev/null || true`,
    problem: dnsProblem,
    role: "DNS server",
    cost: (machines) =>
      machines === 1 ? `no DNS for ${AWAY}` : `one DNS server fewer for ${AWAY}: resolvers ask the others`,
  },
};

/** From the metrics that the check leaves. */
export function dnsProblem(name: string, metrics: string): string | undefined {
  if (!/^sovereign_dns_answers(\{[^}]*\})? 1$/m.test(metrics)) return `the DNS server on ${name} does not answer`;
  const entrances = [...metrics.matchAll(/^sovereign_dns_entrance_up\{[^}]*\} ([01])$/gm)].map((match) => match[1]);
  return entrances.length > 0 && !entrances.includes("1")
    ? `the DNS server on ${name} holds no entrance for healthy`
    : undefined;
}

export function plainPart(role: PlainRole, { way }: Pick<PartContext, "way">): Part {
  const kind = kinds[role];
  const problemOf = async (host: HostState): Promise<string | undefined> => {
    const argv = ["sh", "-c", `${bootProbe}\necho; echo ---\n${kind.probe}`, "sh", host.privateAddress ?? "127.0.0.1"];
    const ran = await way.run(host, argv, { timeoutMs: 60_000 });
    if (!ran.stdout.includes("---")) return `${host.name} does not answer: ${lastWords(ran)}`;
    const [boot = "", answer = ""] = inParts(ran.stdout);
    return bootProblem(host.name, boot) ?? kind.problem(host.name, answer);
  };
  return {
    async look(hosts): Promise<View> {
      const problems = await Promise.all(hosts.map(problemOf));
      return {
        members: new Map(hosts.map(({ name }) => [name, { role: kind.role, rank: 0 }])),
        problem: problems.find((problem) => problem !== undefined),
      };
    },
    handOver: async () => undefined,
    cost: (_, machines) => kind.cost(machines),
  };
}
