import type { Probe, ProbeAnswer } from "../config/detect/servers.ts";
import { tryParseJson } from "../core/json.ts";
import { get } from "../core/node-http.ts";

const PATIENCE_MS = 300;
/** A model list is some KB; whatever sends more is something else. */
const LONGEST_BODY = 4 << 20;

/** Asks a server on this machine, without waiting long. */
export const probe: Probe = (url) =>
  new Promise((resolve) => {
    // `close` comes in every case, after an answer, an error or the time limit.
    let answer: ProbeAnswer | undefined;
    const request = get(url, { agent: false, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > LONGEST_BODY) request.destroy();
        else chunks.push(chunk);
      });
      response.on("error", () => request.destroy());
      response.on("end", () => {
        const body = response.statusCode === 200 ? tryParseJson(Buffer.concat(chunks).toString()) : undefined;
        const isRouter = String(response.headers["server"]).startsWith("opensourcellmrouter");
        if (body !== undefined) answer = { body, isRouter };
      });
    });
    request.on("error", () => request.destroy());
    request.on("close", () => resolve(answer));
  });
