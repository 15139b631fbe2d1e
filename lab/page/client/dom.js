/** Small tools for building the page. Text only ever becomes text: there is no way to markup from here. */

/**
 * @typedef {Node | string | null} Child
 * @typedef {Record<string, string | number | boolean | ((event: Event) => void)>} Properties
 */

/**
 * An element. Properties that begin with `on` are listeners; `true` sets an empty attribute, `false` none.
 * @param {string} tag
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/**
 * The element of the document with an id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element ${id}`);
  return element;
}

/**
 * What each child was made from.
 * @type {WeakMap<Element, { key: string, signature: string }>}
 */
const made = new WeakMap();

/**
 * Brings the children of an element to what is wanted and touches only those that differ, so that focus, selection and open folds stay.
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} make
 * @param {boolean} [isNews] whether what differs shall catch the eye; no when somebody only turned a page
 */
export function reconcile(parent, items, keyOf, make, isNews = true) {
  /** @type {Map<string, HTMLElement>} */
  const present = new Map();
  for (const child of parent.children) {
    if (child instanceof HTMLElement) present.set(made.get(child)?.key ?? "", child);
  }
  // What has no rows yet is being filled for the first time: nothing in it is news.
  const marks = isNews && present.size > 0;
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const signature = JSON.stringify(item);
    let child = present.get(key);
    if (child === undefined || made.get(child)?.signature !== signature) {
      const fresh = make(item);
      made.set(fresh, { key, signature });
      if (marks) fresh.classList.add("news");
      if (child === next) next = next?.nextElementSibling ?? null;
      child?.remove();
      child = fresh;
    }
    present.delete(key);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  for (const child of present.values()) child.remove();
}

const figures = new Intl.NumberFormat("en");

/**
 * @param {number} value
 * @returns {string}
 */
export const figure = (value) => figures.format(value);

/**
 * `1 server`, `2 servers`.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (count, one, many = `${one}s`) => `${figure(count)} ${count === 1 ? one : many}`;

/** @param {string} iso */
export const clock = (iso) => new Date(iso).toLocaleTimeString("en-GB");
