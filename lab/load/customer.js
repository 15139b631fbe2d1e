// The users, as k6 plays them: everything that may vary comes in SOVEREIGN_LOAD (k6.ts writes it).

import { sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import { Counter } from "k6/metrics";

const load = JSON.parse(__ENV.SOVEREIGN_LOAD);
const counters = Object.fromEntries(Object.entries(load.errors).map(([kind, metric]) => [kind, new Counter(metric)]));
const ordered = new Counter("orders_placed");
const skus = ["mug", "tote", "lamp"];

export const options = load.options;

// Of one user: each has a JavaScript world of its own.
let assets = [];
let hasSession = false;

const elapsed = () => (Date.now() - exec.scenario.startTime) / 1000;
const isOver = () => elapsed() >= load.warmSeconds + load.steadySeconds;
const phase = () => (elapsed() < load.warmSeconds ? "warm" : isOver() ? "after" : "steady");
const chance = (share) => Math.random() < share;

function kindOfError({ status, error_code: code }) {
  if (status === 0) return code === 1050 || code === 1211 ? "timeout" : "connection";
  const exact = `status ${status}`;
  return exact in counters ? exact : "another status";
}

function send(kind, method, path, expected, body, headers = {}) {
  const tags = { phase: phase(), kind };
  const response = http.request(method, `${load.url}${path}`, body === undefined ? null : JSON.stringify(body), {
    tags,
    timeout: `${load.timeoutSeconds}s`,
    headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
    responseType: path === "/" && assets.length === 0 ? "text" : "none",
  });
  const fine = response.status === expected;
  if (!fine && tags.phase === "steady") counters[kindOfError(response)].add(1);
  return { fine, response };
}

/** @returns whether there is time for more */
function think() {
  const { least, most } = load.mix.thinkSeconds;
  sleep(least + Math.random() * (most - least));
  return !isOver();
}

function openShop() {
  const isNew = chance(load.mix.newVisitors);
  if (isNew) {
    http.cookieJar().clear(load.url);
    hasSession = false;
  }
  const { fine, response } = send("page", "GET", "/", 200);
  if (fine && assets.length === 0) assets = [...new Set(response.body.match(/\/assets\/[\w.-]+/g) ?? [])];
  if (isNew) for (const asset of assets) send("asset", "GET", asset, 200);
}

function fillBasket() {
  if (!hasSession) hasSession = send("session", "POST", "/session", 201).fine;
  if (!hasSession) return;
  const basket = [{ sku: skus[exec.vu.idInTest % skus.length], quantity: 1 }];
  hasSession = send("session", "PUT", "/session/basket", 200, basket).fine;
}

function order() {
  const key = `${load.run}-${exec.vu.idInTest}-${exec.vu.iterationInScenario}`;
  const what = { sku: skus[exec.vu.iterationInScenario % skus.length], quantity: 1 };
  const { fine, response } = send("order", "POST", "/orders", 201, what, { "Idempotency-Key": key });
  if (!fine) return;
  if (phase() === "steady") ordered.add(1);
  if (think()) send("order", "GET", response.headers.Location, 200);
}

export default function visit() {
  // Users do not come in step.
  if (exec.vu.iterationInScenario === 0) sleep(Math.random() * load.spreadSeconds);
  if (isOver()) return;
  openShop();
  if (!think()) return;
  send("page", "GET", "/products", 200);
  if (!think()) return;
  if (chance(load.mix.baskets)) {
    fillBasket();
    if (!think()) return;
  }
  if (chance(load.mix.recent)) {
    send("read", "GET", "/recent", 200);
    if (!think()) return;
  }
  if (chance(load.mix.orders)) {
    order();
    think();
  }
}

export const handleSummary = ({ metrics }) => ({ stdout: JSON.stringify({ metrics }) });
