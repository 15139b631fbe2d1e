import { Connection } from "./connection.js";
import { byId } from "./dom.js";
import { Facts, Overview, tilesOf } from "./overview.js";
import { createTables } from "./tables.js";

/** @typedef {import("../model.ts").PageView} PageView */

const filter = /** @type {HTMLInputElement} */ (byId("filter"));
const attention = /** @type {HTMLInputElement} */ (byId("attention"));
const tables = createTables();
const facts = new Facts();
const overview = new Overview((words) => {
  filter.value = words;
  applyFilter();
  tables.servers.open();
  tables.servers.element.scrollIntoView();
});
byId("content").append(...overview.elements, ...tables.all.map(({ element }) => element), facts.element);

let name = "";

/** @param {"content" | "door"} part */
function reveal(part) {
  byId("content").hidden = part !== "content";
  byId("controls").hidden = part !== "content";
  byId("door").hidden = part !== "door";
}

/**
 * @param {"good" | "busy" | "bad"} level
 * @param {string} text
 */
function showState(level, text) {
  const pill = byId("state");
  document.title = level === "good" ? `Lab ${name}` : `Lab ${name} (${text.toLowerCase()})`;
  if (pill.textContent === text) return;
  pill.textContent = text;
  pill.dataset.level = level;
}

function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const table of tables.all) table.filter(words, attention.checked);
}

/** Milliseconds between two announcements: a screen reader shall not be drowned while a stack comes up. */
const NEWS_EVERY_MS = 5000;
let announced = "";
/** @type {number | undefined} */
let newsTimer;
let news = "";

/** @param {PageView} view */
function announce(view) {
  news = tilesOf(view)
    .filter(({ id }) => id === "servers" || id === "load-balancers" || id === "faults")
    .map(({ title, value, note }) => `${title}: ${value}${note ? `, ${note}` : ""}.`)
    .join(" ");
  if (newsTimer !== undefined) return;
  newsTimer = setTimeout(() => {
    newsTimer = undefined;
    if (news !== announced) byId("news").textContent = news;
    announced = news;
  }, NEWS_EVERY_MS);
}

new Connection({
  onView: (view) => {
    name = view.lab.name;
    byId("title").textContent = `Lab ${name}`;
    overview.show(view);
    tables.show(view);
    facts.show(view);
    announce(view);
    reveal("content");
  },
  onAnswer: () => {
    byId("lost").hidden = true;
    document.body.classList.remove("stale");
    showState("good", "Live");
  },
  onLost: (since) => {
    const text = `The lab has not answered since ${since.toLocaleTimeString("en-GB")}. What stands here is as it was then; the page goes on by itself as soon as the lab is back.`;
    // Said once: a screen reader would read the same text again each second.
    if (byId("lost").textContent !== text) byId("lost").textContent = text;
    byId("lost").hidden = false;
    document.body.classList.add("stale");
    showState("bad", "No answer");
  },
  onDoor: (why) => {
    byId("lost").hidden = true;
    document.body.classList.remove("stale");
    byId("door-why").textContent = why;
    showState("busy", "Locked");
    reveal("door");
  },
}).start();

filter.addEventListener("input", applyFilter);
attention.addEventListener("change", applyFilter);
document.addEventListener("keydown", (event) => {
  const writing = event.target instanceof HTMLInputElement && event.target.type === "search";
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    filter.focus();
  }
});
window.addEventListener("beforeprint", () => {
  for (const table of tables.all) table.unfold(true);
});
window.addEventListener("afterprint", () => {
  for (const table of tables.all) table.unfold(false);
});
