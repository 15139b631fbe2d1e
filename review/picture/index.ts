import { readFileSync } from "node:fs";
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import type { Topology } from "../model.ts";
import { renderDot } from "./dot.ts";
import { dress } from "./dress.ts";
import { sceneOf } from "./scene.ts";

/** How the picture looks, light and dark: for whoever puts it into a page with a style sheet of its own. */
export const pictureStyle: string = readFileSync(new URL("picture.css", import.meta.url), "utf8");

/**
 * SVG of where things stand and who talks to whom, without its style sheet ({@link pictureStyle}): resources folded to boxes by place and
 * role, vendors outside, what changes marked by a sign and an outline. The same topology gives the same text.
 */
export async function layOut(topology: Topology): Promise<string> {
  const scene = sceneOf(topology);
  const graphviz = await Graphviz.load();
  return dress(graphviz.dot(renderDot(scene)), scene);
}

/** The picture as a file of its own. */
export async function drawTopology(topology: Topology): Promise<string> {
  return (await layOut(topology)).replace(/(<svg[^>]*>)/, (head) => `${head}\n<style>\n${pictureStyle}</style>`);
}
