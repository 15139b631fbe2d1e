/**
 * The program that takes what Alertmanager posts, run in the services' namespace: `node sink.ts ADDRESS PORT FILE`. Each alert becomes a line of
 * JSON with the time of its arrival, in milliseconds since 1970.
 */
import { createServer, type IncomingMessage } from "node:http";
import { boundedFile } from "../../../session/log.ts";
import { alertLines } from "./alerts.ts";

const [address = "", port = "", file = ""] = process.argv.slice(2);

/** A heartbeat comes each minute for as long as the lab runs. */
const record = boundedFile(file);

/** Largest notification that is taken. In bytes. */
const MAX_BODY = 4 * 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const server = createServer(async (request, response) => {
  // What is left of a body that was not taken must not be read as the next request.
  const answer = (status: number) => response.writeHead(status, status === 200 ? {} : { connection: "close" }).end();
  try {
    if (request.method !== "POST") return answer(405);
    const body = await bodyOf(request);
    if (body === undefined) return answer(413);
    const lines = alertLines(body, request.url ?? "/", Date.now());
    if (lines === undefined) return answer(400);
    record(lines);
    answer(200);
  } catch {
    // The sender hung up, or the disk is full: it will send again.
    answer(500);
  }
});
server.listen(Number(port), address, () => process.stdout.write("ready\n"));
