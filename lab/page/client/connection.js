/** Milliseconds between two looks at the lab. */
const EVERY_MS = 1000;
/** The same while nobody can see the page. */
const HIDDEN_MS = 10_000;
/** Milliseconds after which a look counts as not answered. */
const PATIENCE_MS = 5000;
const KEY = "lab key";

/**
 * @typedef {object} Listener
 * @property {(view: import("../model.ts").PageView) => void} onView something changed
 * @property {() => void} onAnswer the lab is there, changed or not
 * @property {(since: Date) => void} onLost no answer
 * @property {(why: string) => void} onDoor there is no right to look
 */

/** Looks at the lab again and again; goes on when it does not answer, and when it is another one by then. */
export class Connection {
  #listener;
  #tag = "";
  /** @type {number | undefined} */
  #timer;
  #looking = false;
  #lastAnswer = new Date();

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  start() {
    document.addEventListener("visibilitychange", () => this.#look());
    window.addEventListener("hashchange", () => this.#look());
    void this.#look();
  }

  async #look() {
    if (this.#looking) return;
    this.#looking = true;
    clearTimeout(this.#timer);
    try {
      if (await this.#enter()) await this.#fetchView();
    } catch {
      this.#listener.onLost(this.#lastAnswer);
    }
    this.#looking = false;
    this.#timer = setTimeout(() => this.#look(), document.hidden ? HIDDEN_MS : EVERY_MS);
  }

  /** Exchanges the code of the address for a key, and takes it out of the address and the history. */
  async #enter() {
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    if (code === null) {
      if (sessionStorage.getItem(KEY) !== null) return true;
      this.#listener.onDoor("");
      return false;
    }
    const response = await request("/_lab/page/keys", { method: "POST", body: JSON.stringify({ code }) });
    history.replaceState(null, "", location.pathname);
    if (response.ok) {
      const { key } = await response.json();
      sessionStorage.setItem(KEY, key);
    }
    if (sessionStorage.getItem(KEY) !== null) return true;
    this.#listener.onDoor("The address that brought you here was used already, or is older than ten minutes.");
    return false;
  }

  async #fetchView() {
    const response = await request("/_lab/view", {
      headers: {
        Authorization: `Bearer ${sessionStorage.getItem(KEY)}`,
        ...(this.#tag ? { "If-None-Match": this.#tag } : {}),
      },
    });
    if (response.status === 401) {
      sessionStorage.removeItem(KEY);
      this.#tag = "";
      this.#listener.onDoor("The lab does not know this tab any more: a week has passed, or it is another lab now.");
      return;
    }
    if (response.status !== 304 && !response.ok) throw new Error(`status ${response.status}`);
    if (response.status !== 304) {
      this.#listener.onView(await response.json());
      this.#tag = response.headers.get("ETag") ?? "";
    }
    this.#lastAnswer = new Date();
    this.#listener.onAnswer();
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
const request = (path, init) => fetch(path, { ...init, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
