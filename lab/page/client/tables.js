import { clock, counted, el, figure } from "./dom.js";
import { Table } from "./table.js";

/** @typedef {import("../model.ts").PageView} PageView */

/**
 * A word with a mark whose colour and shape say the same.
 * @param {import("../model.ts").Level} level
 * @param {string} text
 */
export const state = (level, text) => el("span", { class: "state", "data-level": level }, text);

/** @param {readonly string[]} lines */
function lines(lines) {
  if (lines.length < 2) return lines[0] ?? null;
  return el("ul", { class: "lines" }, ...lines.map((line) => el("li", {}, line)));
}

/**
 * Lines behind a fold when there are many.
 * @param {readonly string[]} all
 * @param {string} what
 */
function folded(all, what) {
  return all.length > 6 ? el("details", {}, el("summary", {}, counted(all.length, what)), lines(all)) : lines(all);
}

/** @param {string} text */
const code = (text) => el("code", {}, text);

/** @type {Readonly<Record<import("../model.ts").Health, import("../model.ts").Level>>} */
const HEALTH = { healthy: "good", unknown: "busy", unhealthy: "bad" };

/** @param {import("../model.ts").ServerView} server */
function serverState(server) {
  const { level, status, machine, action } = server;
  const words = [status, ...(machine ? [machine] : []), ...(action ? [action.replaceAll("_", " ")] : [])];
  return state(level, words.join(" · "));
}

const servers = () =>
  new Table({
    id: "servers",
    title: "Servers",
    caption: "Servers with their state, addresses and what belongs to them",
    none: "No servers.",
    key: ({ id }) => id,
    attention: ({ level }) => level !== "good",
    columns: /** @type {import("./table.js").Column<import("../model.ts").ServerView>[]} */ ([
      { title: "Server", cell: ({ name }) => name },
      { title: "State", cell: serverState },
      { title: "Role", short: true, cell: ({ role }) => role },
      { title: "Type", short: true, cell: ({ type }) => type },
      { title: "Location", short: true, cell: ({ location }) => location },
      { title: "Private address", short: true, cell: ({ privateIps }) => lines(privateIps) },
      { title: "Public address", short: true, cell: ({ publicIps }) => lines(publicIps) },
      { title: "Volumes", cell: ({ volumes }) => lines(volumes) },
      { title: "Firewalls", short: true, cell: ({ firewalls }) => lines(firewalls) },
    ]),
  });

/** @typedef {{ balancer: import("../model.ts").LoadBalancerView, service: import("../model.ts").ServiceView | null }} Balanced */

/** Targets that are shown at once when all is well, or those that are not. */
const FEW = 6;

/** @param {Balanced} row */
function targets({ service }) {
  if (service === null) return null;
  const { healthy, unhealthy, total, targets: some } = service;
  if (total === 0) return state("busy", "no targets");
  const sum = state(
    healthy === total ? "good" : unhealthy > 0 ? "bad" : "busy",
    `${figure(healthy)} of ${figure(total)} healthy`,
  );
  const shown = total <= FEW ? some : some.filter(({ health }) => health !== "healthy").slice(0, FEW);
  const rest = some.slice(shown.length);
  const more = total - some.length;
  const marks = rest.map(targetMark);
  if (more > 0) marks.push(el("li", {}, `and ${figure(more)} more`));
  return el(
    "div",
    {},
    sum,
    shown.length > 0 ? el("ul", { class: "lines" }, ...shown.map(targetMark)) : null,
    marks.length > 0
      ? el(
          "details",
          {},
          el("summary", {}, shown.length > 0 ? "The others" : "Which"),
          el("ul", { class: "lines" }, ...marks),
        )
      : null,
  );
}

/** @param {import("../model.ts").ServiceView["targets"][number]} target */
const targetMark = ({ name, health }) => el("li", {}, state(HEALTH[health], `${name} ${health}`));

const loadBalancers = () =>
  new Table({
    id: "load-balancers",
    title: "Load balancers",
    caption: "Services of the load balancers with the health of their targets",
    none: "No load balancers.",
    unit: "service",
    key: ({ balancer, service }) => `${balancer.id} ${service?.listenPort ?? ""}`,
    attention: ({ service }) => service === null || service.healthy < service.total || service.total === 0,
    columns: /** @type {import("./table.js").Column<Balanced>[]} */ ([
      { title: "Load balancer", cell: ({ balancer }) => balancer.name },
      { title: "Service", short: true, cell: ({ service }) => (service ? serviceText(service) : "none") },
      { title: "Targets", cell: targets },
      { title: "Health check", cell: ({ service }) => service?.check ?? null },
      { title: "Public address", short: true, cell: ({ balancer }) => lines(balancer.publicIps) },
      { title: "Private address", short: true, cell: ({ balancer }) => lines(balancer.privateIps) },
      {
        title: "Type",
        short: true,
        cell: ({ balancer }) => `${balancer.type}, ${balancer.algorithm.replaceAll("_", " ")}`,
      },
      { title: "Location", short: true, cell: ({ balancer }) => balancer.location },
    ]),
  });

/** @param {import("../model.ts").ServiceView} service */
const serviceText = ({ protocol, listenPort, destinationPort }) => `${protocol} :${listenPort} → :${destinationPort}`;

const networks = () =>
  new Table({
    id: "networks",
    title: "Networks",
    caption: "Private networks with their subnets and routes",
    none: "No networks.",
    key: ({ id }) => id,
    columns: /** @type {import("./table.js").Column<import("../model.ts").NetworkView>[]} */ ([
      { title: "Network", cell: ({ name }) => name },
      { title: "Range", short: true, cell: ({ range }) => code(range) },
      { title: "Subnets", cell: ({ subnets }) => folded(subnets.map(subnetText), "subnet") },
      { title: "Routes", cell: ({ routes }) => folded(routes, "route") },
    ]),
  });

/** @param {import("../model.ts").NetworkView["subnets"][number]} subnet */
const subnetText = ({ range, zone, type, attached }) => `${range} · ${zone}, ${type} · ${figure(attached)} attached`;

const volumes = () =>
  new Table({
    id: "volumes",
    title: "Volumes",
    caption: "Volumes and the servers that have them",
    none: "No volumes.",
    key: ({ id }) => id,
    attention: ({ server, status }) => server === null || status !== "available",
    columns: /** @type {import("./table.js").Column<import("../model.ts").VolumeView>[]} */ ([
      { title: "Volume", cell: ({ name }) => name },
      { title: "Size", number: true, cell: ({ size }) => `${figure(size)} GB` },
      { title: "Attached to", cell: ({ server }) => server ?? state("busy", "nothing") },
      { title: "State", cell: ({ status }) => state(status === "available" ? "good" : "busy", status) },
      { title: "File system", short: true, cell: ({ format }) => format },
      { title: "Location", short: true, cell: ({ location }) => location },
      { title: "Deletion", short: true, cell: (volume) => (volume.protected ? "protected" : "allowed") },
    ]),
  });

const firewalls = () =>
  new Table({
    id: "firewalls",
    title: "Firewalls",
    caption: "Firewalls, their rules and the servers that they apply to",
    none: "No firewalls.",
    key: ({ id }) => id,
    columns: /** @type {import("./table.js").Column<import("../model.ts").FirewallView>[]} */ ([
      { title: "Firewall", cell: ({ name }) => name },
      { title: "Applies to", cell: ({ servers: n, selectors }) => lines([counted(n, "server"), ...selectors]) },
      { title: "Rules", cell: ({ rules }) => folded(rules, "rule") },
    ]),
  });

/**
 * @typedef {import("../model.ts").ZoneView["records"][number]} DnsRecord
 * @typedef {{ zone: string, mode: string, record: DnsRecord | null }} ZoneRecord
 */

const zones = () =>
  new Table({
    id: "zones",
    title: "DNS zones",
    caption: "Record sets of the DNS zones",
    none: "No DNS zones.",
    unit: "record set",
    key: ({ zone, record }) => `${zone} ${record?.name} ${record?.type}`,
    columns: /** @type {import("./table.js").Column<ZoneRecord>[]} */ ([
      { title: "Name", cell: ({ zone, record }) => (!record || record.name === "@" ? zone : `${record.name}.${zone}`) },
      { title: "Type", short: true, cell: ({ record, mode }) => record?.type ?? `${mode} zone` },
      { title: "TTL", number: true, cell: ({ record }) => record && `${figure(record.ttl)} s` },
      { title: "Values", cell: ({ record }) => record && lines(record.values) },
    ]),
  });

const faults = () =>
  new Table({
    id: "faults",
    title: "Faults in play",
    caption: "Faults that the API plays, with how often they hit",
    none: "No faults.",
    key: ({ id }) => id,
    attention: () => true,
    columns: /** @type {import("./table.js").Column<import("../model.ts").FaultView>[]} */ ([
      { title: "Fault", cell: ({ id, type }) => `${id} ${type}` },
      { title: "Settings", cell: ({ settings }) => settings },
      { title: "Hits", number: true, cell: ({ hits }) => figure(hits) },
      { title: "Left", number: true, cell: ({ left }) => (left === null ? "until cleared" : figure(left)) },
    ]),
  });

/** @param {import("../model.ts").CallView} call */
function answer({ status }) {
  if (status === null) return state("bad", "dropped");
  return state(status < 400 ? "good" : status < 500 ? "busy" : "bad", String(status));
}

const calls = () =>
  new Table({
    id: "calls",
    title: "Last API calls",
    caption: "The last calls of the API, newest first",
    none: "No calls since the lab started.",
    compact: true,
    pageRows: 15,
    key: ({ n }) => n,
    attention: ({ status }) => status === null || status >= 400,
    columns: /** @type {import("./table.js").Column<import("../model.ts").CallView>[]} */ ([
      { title: "Time", short: true, cell: ({ at }) => el("time", { datetime: at }, clock(at)) },
      { title: "Method", short: true, cell: ({ method }) => method },
      { title: "Path", cell: ({ path }) => code(path) },
      { title: "Status", cell: answer },
      { title: "Took", number: true, cell: ({ ms }) => `${ms.toFixed(1)} ms` },
    ]),
  });

/** All tables of the page in their order, and how a view fills them. */
export function createTables() {
  const of = {
    servers: servers(),
    loadBalancers: loadBalancers(),
    faults: faults(),
    networks: networks(),
    volumes: volumes(),
    firewalls: firewalls(),
    zones: zones(),
    calls: calls(),
  };
  /** @param {PageView} view */
  const show = (view) => {
    of.servers.show(view.servers.rows, view.servers.total);
    of.loadBalancers.show(
      view.loadBalancers.rows.flatMap((balancer) =>
        (balancer.services.length ? balancer.services : [null]).map((service) => ({ balancer, service })),
      ),
    );
    of.faults.show(view.faults);
    of.networks.show(view.networks.rows, view.networks.total);
    of.volumes.show(view.volumes.rows, view.volumes.total);
    of.firewalls.show(view.firewalls.rows, view.firewalls.total);
    of.zones.show(
      view.zones.rows.flatMap(({ name, mode, records }) =>
        (records.length ? records : [null]).map((record) => ({ zone: name, mode, record })),
      ),
      view.zones.rows.reduce((sum, { total }) => sum + total, 0),
    );
    of.calls.show(view.calls);
  };
  return { all: Object.values(of), servers: of.servers, show };
}
