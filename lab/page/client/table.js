import { byId, counted, el, figure, reconcile } from "./dom.js";

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => import("./dom.js").Child} cell
 * @property {boolean} [number] aligned to the right
 * @property {boolean} [short] never broken into lines
 */

/**
 * @template Row
 * @typedef {object} TableSpec
 * @property {string} id
 * @property {string} title
 * @property {string} caption what the table shows, for those who cannot see where it stands
 * @property {string} none what stands in the place of rows when there are none
 * @property {(row: Row) => string | number} key
 * @property {(row: Row) => boolean} [attention] whether somebody should look at it
 * @property {string} [unit] what a row is, where it is not what the title says
 * @property {boolean} [compact] whether a row needs no names of columns on a narrow screen
 * @property {number} [pageRows] rows that are in the document at once
 * @property {Column<Row>[]} columns
 */

/** Rows of a table that are in the document at once, unless it says otherwise: thousands would make every change slow. */
const PAGE_ROWS = 50;

/**
 * A folding section with a table of what passes the filter, one page of it at a time.
 * @template Row
 */
export class Table {
  /** @type {TableSpec<Row>} */
  #spec;
  /** @type {readonly Row[]} */
  #rows = [];
  #total = 0;
  #first = 0;
  #perPage;
  /** @type {(row: Row) => boolean} */
  #fits = () => true;
  #isFiltered = false;
  #body = el("tbody", { role: "rowgroup" });
  #count = el("span", { class: "count" });
  #range = el("span", { class: "range" });
  #empty = el("p", { class: "empty" });
  #fold;
  #pager;
  #table;
  #previous;
  #next;
  element;

  /** @param {TableSpec<Row>} spec */
  constructor(spec) {
    this.#spec = spec;
    this.#perPage = spec.pageRows ?? PAGE_ROWS;
    const heads = spec.columns.map(({ title, number }) =>
      el("th", { scope: "col", role: "columnheader", class: number ? "number" : false }, title),
    );
    const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads));
    this.#table = el(
      "table",
      { role: "table", class: spec.compact ? "compact" : false },
      el("caption", { class: "unseen" }, spec.caption),
      head,
      this.#body,
    );
    this.#previous = el("button", { type: "button", onclick: () => this.#turn(-1) }, "Previous");
    this.#next = el("button", { type: "button", onclick: () => this.#turn(1) }, "Next");
    this.#pager = el(
      "nav",
      { class: "pager", "aria-label": `Pages of ${spec.title.toLowerCase()}` },
      this.#previous,
      this.#range,
      this.#next,
    );
    const title = el("h2", { id: `${spec.id}-title` }, spec.title);
    this.#fold = el(
      "details",
      { open: true },
      el("summary", {}, title, this.#count),
      this.#table,
      this.#empty,
      this.#pager,
    );
    this.element = el("section", { id: spec.id, "aria-labelledby": `${spec.id}-title` }, this.#fold);
  }

  /**
   * @param {readonly Row[]} rows
   * @param {number} [total] when it is more than there are rows
   */
  show(rows, total = rows.length) {
    this.#rows = rows;
    this.#total = total;
    this.draw(true);
  }

  /**
   * @param {readonly string[]} words all of which a row must have somewhere, in lower case
   * @param {boolean} attention whether only rows that need attention are wanted
   */
  filter(words, attention) {
    const { attention: needs } = this.#spec;
    this.#isFiltered = words.length > 0 || attention;
    this.#fits = (row) => (!attention || needs?.(row) === true) && words.every((word) => textOf(row).includes(word));
    this.#first = 0;
    this.draw();
  }

  /** For paper: everything, unfolded. @param {boolean} all */
  unfold(all) {
    this.#perPage = all ? Number.POSITIVE_INFINITY : (this.#spec.pageRows ?? PAGE_ROWS);
    if (all) this.#first = 0;
    this.open();
    this.draw();
  }

  open() {
    this.#fold.setAttribute("open", "");
  }

  /** @param {-1 | 1} step */
  #turn(step) {
    this.#first += step * this.#perPage;
    this.draw();
    byId(this.#spec.id).scrollIntoView();
  }

  /** @param {boolean} [isNews] whether the rows changed, not only the part of them that is shown */
  draw(isNews = false) {
    const { columns, key, none, unit } = this.#spec;
    const found = this.#rows.filter(this.#fits);
    const last = Math.max(0, Math.ceil(found.length / this.#perPage) - 1) * this.#perPage;
    this.#first = Math.max(0, Math.min(this.#first, last || 0));
    const page = found.slice(this.#first, this.#first + this.#perPage);
    reconcile(
      this.#body,
      page,
      (row) => String(key(row)),
      (row) => rowElement(columns, row),
      isNews,
    );
    const all = unit === undefined ? figure(this.#total) : counted(this.#total, unit);
    this.#count.textContent = this.#isFiltered ? `${figure(found.length)} of ${all}` : all;
    this.#empty.textContent = this.#rows.length === 0 ? none : "Nothing here passes the filter.";
    this.#empty.hidden = found.length > 0;
    this.#table.hidden = found.length === 0;
    const end = this.#first + page.length;
    this.#range.textContent = `${figure(this.#first + 1)} to ${figure(end)} of ${counted(found.length, "row")}`;
    this.#pager.hidden = found.length <= this.#perPage;
    this.#previous.toggleAttribute("disabled", this.#first === 0);
    this.#next.toggleAttribute("disabled", end >= found.length);
  }
}

/**
 * @template Row
 * @param {readonly Column<Row>[]} columns
 * @param {Row} row
 */
function rowElement(columns, row) {
  const cells = columns.map(({ title, cell, number, short }, index) => {
    const properties = { "data-title": title, class: number ? "number" : short ? "short" : false };
    const content = cell(row);
    return index === 0
      ? el("th", { scope: "row", role: "rowheader", ...properties }, content)
      : el("td", { role: "cell", ...properties }, content);
  });
  return el("tr", { role: "row" }, ...cells);
}

/** @type {WeakMap<object, string>} */
const texts = new WeakMap();

/**
 * Every value in a row, in lower case.
 * @param {unknown} row
 * @returns {string}
 */
function textOf(row) {
  if (typeof row !== "object" || row === null) return String(row ?? "").toLowerCase();
  let text = texts.get(row);
  if (text === undefined) {
    text = Object.values(row).map(textOf).join(" ");
    texts.set(row, text);
  }
  return text;
}
