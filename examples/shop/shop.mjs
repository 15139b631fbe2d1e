// A storefront small enough to travel in the machines' user data: it shows how a workload is wired to the platform.
import { createServer } from "node:http";
import { hostname } from "node:os";

const port = Number(process.env.PORT ?? 8080);
const products = [
  { sku: "mug", name: "Enamel mug", cents: 1290 },
  { sku: "tote", name: "Linen tote", cents: 1890 },
];

const page = () => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><h1>Shop</h1>
<ul>${products.map((p) => `<li>${p.name}: ${(p.cents / 100).toFixed(2)} EUR</li>`).join("")}</ul>
<p>Served by ${hostname()}</p></html>`;

const server = createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const answer = (status, type, body) =>
    response
      .writeHead(status, { "content-type": type, "x-request-id": request.headers["x-request-id"] ?? "" })
      .end(request.method === "HEAD" ? undefined : body);
  if (path === "/healthz") return answer(200, "text/plain", "ok\n");
  if (path === "/") return answer(200, "text/html; charset=utf-8", page());
  if (path === "/products") return answer(200, "application/json", JSON.stringify(products));
  return answer(404, "text/plain", "not found\n");
});

server.listen(port, "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => server.close(() => process.exit(0)));
