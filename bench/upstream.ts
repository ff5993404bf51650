import { createServer, type ServerResponse } from "node:http";
import { STREAM_PIECES, WHOLE_ANSWER } from "./bodies.ts";

/**
 * The scripted upstream of the bench: answers any POST with the same Chat Completions answer, whole or streamed (as the body
 * asks), streamed with `PACE_MS` between events or, when that is 0, as fast as it goes. `AT_ONCE` of the events come without a pause.
 * The pace differs by up to `SPREAD_MS` from stream to stream, or timers of the same pace would go off together after a while.
 */
const paceMs = Number(process.env["PACE_MS"] ?? "2");
const atOnce = Number(process.env["AT_ONCE"] ?? "0");
const spreadMs = Number(process.env["SPREAD_MS"] ?? "0");
let streams = 0;
const burst = Buffer.from(STREAM_PIECES.join(""));

const server = createServer((req, res) => {
  let stream = false;
  req.on("data", (chunk: Buffer) => {
    stream ||= chunk.includes('"stream":true');
  });
  req.on("end", () => {
    if (!stream) {
      res.writeHead(200, { "content-type": "application/json", "content-length": WHOLE_ANSWER.length });
      res.end(WHOLE_ANSWER);
      return;
    }
    res.writeHead(200, { "content-type": "text/event-stream" });
    if (paceMs === 0) res.end(burst);
    else pace(res);
  });
});

function pace(res: ServerResponse): void {
  let next = atOnce;
  if (atOnce > 0) res.write(STREAM_PIECES.slice(0, atOnce).join(""));
  const timer = setInterval(
    () => {
      res.write(STREAM_PIECES[next++] ?? "");
      if (next < STREAM_PIECES.length) return;
      clearInterval(timer);
      res.end();
    },
    paceMs + (streams++ % (2 * spreadMs + 1)) - spreadMs,
  );
  res.on("close", () => clearInterval(timer));
}

server.keepAliveTimeout = 60_000;
// Node's 511 that wait to be accepted are too few for thousands at once: those beyond wait a second for their next try.
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  const address = server.address();
  if (typeof address === "object" && address) console.log(`http://127.0.0.1:${address.port}`);
});
