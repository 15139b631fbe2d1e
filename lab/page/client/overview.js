import { counted, el, figure, reconcile } from "./dom.js";
import { state } from "./tables.js";

/**
 * @typedef {import("../model.ts").PageView} PageView
 * @typedef {{ id: string, title: string, value: string, note: string, level: import("../model.ts").Level | "none" }} Tile
 */

/**
 * The figures at the top.
 * @param {PageView} view
 * @returns {Tile[]}
 */
export function tilesOf(view) {
  const roles = view.locations.flatMap((location) => location.roles);
  const sum = (/** @type {"well" | "changing" | "off"} */ key) => roles.reduce((all, role) => all + role[key], 0);
  const [well, changing, off] = [sum("well"), sum("changing"), sum("off")];
  const { booting } = view.lab.machines ?? { booting: 0 };
  const services = view.loadBalancers.rows.flatMap((balancer) => balancer.services);
  const healthy = services.reduce((all, service) => all + service.healthy, 0);
  const unhealthy = services.reduce((all, service) => all + service.unhealthy, 0);
  const targets = services.reduce((all, service) => all + service.total, 0);
  const gigabytes = view.volumes.rows.reduce((all, volume) => all + volume.size, 0);
  const errors = view.calls.filter(({ status }) => status === null || status >= 400).length;
  const states = [
    [well, view.lab.machines ? "up" : "running"],
    [changing, booting > 0 ? "booting or changing" : "changing"],
    [off, "off"],
  ];
  const words = states
    .filter(([count]) => Number(count) > 0)
    .map(([count, word]) => `${figure(Number(count))} ${word}`);
  return [
    tile("servers", "Servers", view.servers.total, words.join(", "), off ? "bad" : changing ? "busy" : "good"),
    tile(
      "load-balancers",
      "Load balancers",
      view.loadBalancers.total,
      targets ? `${figure(healthy)} of ${figure(targets)} targets healthy` : "no targets",
      unhealthy > 0 ? "bad" : healthy < targets ? "busy" : "good",
    ),
    tile("faults", "Faults in play", view.faults.length, "", view.faults.length ? "busy" : "none"),
    tile("networks", "Networks", view.networks.total, ""),
    tile("volumes", "Volumes", view.volumes.total, `${figure(gigabytes)} GB`),
    tile("firewalls", "Firewalls", view.firewalls.total, ""),
    tile("zones", "DNS zones", view.zones.total, ""),
    tile(
      "calls",
      "API calls",
      view.lab.calls,
      errors ? `${counted(errors, "error")} of the last ${view.calls.length}` : "",
    ),
  ];
}

/**
 * @param {string} id
 * @param {string} title
 * @param {number} value
 * @param {string} note
 * @param {Tile["level"]} [level]
 * @returns {Tile}
 */
function tile(id, title, value, note, level = "none") {
  return { id, title, value: figure(value), note: value === 0 ? "" : note, level: value === 0 ? "none" : level };
}

/** @param {Tile} tile */
const tileElement = ({ id, title, value, note, level }) =>
  el(
    "li",
    {},
    el(
      "a",
      { href: `#${id}`, class: "tile", "data-level": level },
      el("span", { class: "tile-title" }, title),
      el("span", { class: "tile-value" }, value),
      el("span", { class: "tile-note" }, note),
    ),
  );

/**
 * A location as a card: its roles with a bar each.
 * @param {import("../model.ts").LocationView} location
 * @param {(words: string) => void} onFilter
 */
function locationElement(location, onFilter) {
  const { name, city, country, eu, networkZone, roles, loadBalancers, volumes } = location;
  const most = Math.max(1, ...roles.map(sizeOf));
  const others = [
    ...(loadBalancers ? [counted(loadBalancers, "load balancer")] : []),
    ...(volumes ? [counted(volumes, "volume")] : []),
  ];
  return el(
    "li",
    { class: "card" },
    el("h3", {}, name, el("span", { class: "place" }, `${city}, ${country}`)),
    el("p", { class: "zone" }, networkZone, eu ? " · in the EU" : " · ", eu ? null : state("bad", "outside the EU")),
    el("ul", { class: "roles" }, ...roles.map((role) => roleElement(role, name, most, onFilter))),
    el("p", { class: "others" }, others.join(", ")),
  );
}

/** @param {import("../model.ts").RoleCount} role */
const sizeOf = ({ well, changing, off }) => well + changing + off;

/**
 * @param {import("../model.ts").RoleCount} count
 * @param {string} location
 * @param {number} most servers of the largest role, whose bar is the full width
 * @param {(words: string) => void} onFilter
 */
function roleElement(count, location, most, onFilter) {
  const { role, well, changing, off } = count;
  const parts = /** @type {const} */ ([
    ["good", well, "well"],
    ["busy", changing, "changing"],
    ["bad", off, "off"],
  ]);
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  for (const [level, size] of parts) {
    const part = el("span", { "data-level": level });
    part.style.width = `${(size / most) * 100}%`;
    if (size > 0) bar.append(part);
  }
  const words = parts
    .filter(([level, size]) => size > 0 && level !== "good")
    .map(([, size, word]) => `${figure(size)} ${word}`);
  const text = words.length === 1 && well === 0 ? words : [figure(sizeOf(count)), ...words];
  const button = el(
    "button",
    { type: "button", title: "Show only these servers", onclick: () => onFilter(`${role} ${location}`.trim()) },
    role || "no role",
  );
  return el("li", {}, button, bar, el("span", { class: "role-count" }, text.join(", ")));
}

/** What the page shows before its tables. */
export class Overview {
  #tiles = el("ul", { class: "tiles", "aria-label": "Overview" });
  #cards = el("ul", { class: "cards" });
  #empty = el(
    "p",
    { class: "empty" },
    "Nothing here yet. In the project's folder, ",
    el("code", {}, "npx sovereign demo"),
    " brings an example up.",
  );
  #onFilter;
  elements;

  /** @param {(words: string) => void} onFilter */
  constructor(onFilter) {
    this.#onFilter = onFilter;
    const title = el("h2", { id: "locations-title" }, "Locations");
    const section = el(
      "section",
      { id: "locations", "aria-labelledby": "locations-title" },
      title,
      this.#cards,
      this.#empty,
    );
    this.elements = [this.#tiles, section];
  }

  /** @param {PageView} view */
  show(view) {
    reconcile(this.#tiles, tilesOf(view), ({ id }) => id, tileElement);
    reconcile(
      this.#cards,
      view.locations,
      ({ name }) => name,
      (location) => locationElement(location, this.#onFilter),
    );
    this.#empty.hidden = view.locations.length > 0;
  }
}

/** Driver, store and uptime, as a list of terms. */
export class Facts {
  #list = el("dl", { class: "facts" });
  element = el(
    "section",
    { id: "lab", "aria-labelledby": "lab-title" },
    el("h2", { id: "lab-title" }, "Lab"),
    this.#list,
  );

  /** @param {PageView} view */
  show({ lab }) {
    const machines = lab.machines
      ? `${figure(lab.machines.booted)} booted, ${figure(lab.machines.booting)} booting`
      : "none: servers are records";
    const records = lab.records.map(({ kind, count }) => `${kind.replaceAll("_", " ")} ${figure(count)}`);
    /** @type {[string, string][]} */
    const facts = [
      ["Running since", new Date(lab.started).toLocaleString("en-GB")],
      ["Driver", lab.driver],
      ["Machines", machines],
      ["Actions", `${figure(lab.actions.running)} running, ${figure(lab.actions.kept)} kept`],
      ["Store", records.join(" · ") || "empty"],
    ];
    reconcile(this.#list, facts, ([term]) => term, factElement);
  }
}

/** @param {[string, string]} fact */
const factElement = ([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text));
