// @ts-check
/** Filter, folding and printing. Without it the page shows the same, and folds by itself. */

const find = /** @type {HTMLInputElement} */ (document.getElementById("find"));
const found = /** @type {HTMLElement} */ (document.getElementById("found"));
const action = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-action-filter]"));
const items = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-find]")]);
const folds = /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("details.block")]);
/** @type {Map<HTMLElement, string>} */
const texts = new Map();
/** How things were folded before the filter unfolded them. @type {Map<HTMLDetailsElement, boolean> | undefined} */
let before;

/** @param {HTMLElement} item */
function textOf(item) {
  let text = texts.get(item);
  if (text === undefined) {
    const titles = [...item.querySelectorAll("[title]")].map((part) => part.getAttribute("title"));
    text = `${item.textContent} ${titles.join(" ")}`.toLowerCase();
    texts.set(item, text);
  }
  return text;
}

function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = action?.value ?? "";
  const active = words.length > 0 || wanted !== "";
  let shown = 0;
  for (const item of items) {
    const own = item.dataset.action;
    const passes =
      words.every((word) => textOf(item).includes(word)) && (wanted === "" || own === undefined || own === wanted);
    item.hidden = !passes;
    if (passes) shown++;
  }
  if (active && before === undefined) before = new Map(folds.map((fold) => [fold, fold.open]));
  for (const fold of folds) {
    const inside = [...fold.querySelectorAll("[data-find]")];
    const some = inside.some((item) => !(/** @type {HTMLElement} */ (item).hidden));
    fold.hidden = active && inside.length > 0 && !some;
    if (active) fold.open = inside.length > 0 ? some : fold.open;
    else if (before) fold.open = before.get(fold) ?? fold.open;
  }
  if (!active) before = undefined;
  found.textContent = active ? `${shown.toLocaleString("en")} of ${items.length.toLocaleString("en")} entries` : "";
}

let waiting = 0;
find.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(filter, items.length > 1000 ? 150 : 0);
});
action?.addEventListener("change", filter);
document.addEventListener("keydown", (event) => {
  const inField = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "/" && !inField && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    find.focus();
  }
  if (event.key === "Escape" && event.target === find && find.value !== "") {
    find.value = "";
    filter();
  }
});

for (const [selector, open] of /** @type {const} */ ([
  ["[data-unfold]", true],
  ["[data-fold]", false],
]))
  document.querySelector(selector)?.addEventListener("click", () => {
    for (const fold of folds) if (fold.classList.contains("component")) fold.open = open;
  });

/** A link into something folded unfolds it; one to something that the filter hides clears the filter. */
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) {
    find.value = "";
    if (action) action.value = "";
    filter();
  }
  for (let at = target.parentElement; at; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
  target.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", reveal);
// A link to where the page is already changes no hash.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  if (link?.getAttribute("href") === location.hash) reveal();
});

/** @type {HTMLDetailsElement[]} */
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details")].filter((fold) => !fold.open);
  for (const fold of closed) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of closed) fold.open = false;
});

for (const control of document.querySelectorAll(".controls")) /** @type {HTMLElement} */ (control).hidden = false;
if (location.hash !== "") reveal();
