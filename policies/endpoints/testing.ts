/** What tests see of the endpoints of made-up properties. */
import { gzipSync } from "node:zlib";
import type { Properties } from "../../graph/model.ts";
import { extract } from "./index.ts";

const anyType = "test:index:Thing";

export const base64 = (text: string): string => Buffer.from(text).toString("base64");
export const packed = (text: string): string => gzipSync(text).toString("base64");

/** Hosts, each once. */
export const hosts = (properties: Properties, type = anyType): string[] => [
  ...new Set(extract(properties, type).endpoints.map((e) => e.host)),
];

/** Each host with its form and the way to it. */
export const found = (properties: Properties, type = anyType): string[] =>
  extract(properties, type).endpoints.map((e) => [e.host, e.form, e.property, ...e.place].join(" > "));
