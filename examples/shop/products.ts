export interface Product {
  readonly sku: string;
  readonly name: string;
  /** Price in euro cents, taxes included. */
  readonly cents: number;
}

export const products = [
  { sku: "mug", name: "Enamel mug", cents: 1290 },
  { sku: "tote", name: "Linen tote", cents: 1890 },
  { sku: "lamp", name: "Desk lamp", cents: 7900 },
] as const satisfies readonly Product[];

export type Sku = (typeof products)[number]["sku"];

export const skus = products.map((product) => product.sku);

export function priceOf(sku: Sku): number {
  return products.find((product) => product.sku === sku)!.cents;
}
