import { html } from "hono/html";
import type { Assets } from "./assets.ts";
import type { Order } from "./orders.ts";
import { products } from "./products.ts";

type Html = ReturnType<typeof html>;

const euros = (cents: number) => `${(cents / 100).toFixed(2)} EUR`;

function page(assets: Assets, title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="stylesheet" href="${assets.path("shop.css")}">
<link rel="icon" href="${assets.path("icon.svg")}">
</head>
<body>
<h1>${title}</h1>
${content}
<p><a href="/">Products</a> · <a href="/recent">Recent orders</a></p>
</body>
</html>
`;
}

export function storefront(assets: Assets, basketSize: number | undefined): Html {
  const rows = products.map(
    ({ sku, name, cents }) => html`<tr><td>${name}</td><td>${sku}</td><td>${euros(cents)}</td></tr>`,
  );
  const basket = basketSize === undefined ? "" : html`<p>In your basket: ${basketSize}</p>`;
  return page(assets, "Shop", html`<table>${rows}</table>${basket}`);
}

export function recentOrders(assets: Assets, orders: readonly Order[]): Html {
  const rows = orders.map(
    ({ number, sku, quantity, cents, createdAt }) =>
      html`<tr><td>${number}</td><td>${quantity} × ${sku}</td><td>${euros(cents)}</td><td>${createdAt}</td></tr>`,
  );
  return page(assets, "Recent orders", html`<table>${rows}</table>`);
}
