import { createServer } from "node:http";
import { Pool } from "undici";

/**
 * The yardstick: what any proxy in Node has to do, and nothing else. Reads the body, parses it, puts another model into the
 * bytes, sends it on, reads usage from a whole answer (a stream is piped as bytes), sets six headers.
 */
const upstream = new URL(process.argv[2] ?? "");
const pool = new Pool(upstream.origin, { connections: null, pipelining: 1 });

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const body = Buffer.concat(chunks);
    const parsed: { model: string; stream?: boolean } = JSON.parse(body.toString("utf8"));
    const at = body.indexOf(`"${parsed.model}"`);
    const sent = Buffer.concat([
      body.subarray(0, at),
      Buffer.from('"bench-sent"'),
      body.subarray(at + parsed.model.length + 2),
    ]);
    const answer: Buffer[] = [];
    pool.dispatch(
      { path: "/v1/chat/completions", method: "POST", headers: { "content-type": "application/json" }, body: sent },
      {
        onRequestStart: (controller) =>
          res.once("close", () => res.writableFinished || controller.abort(new Error("gone"))),
        onResponseStart(_controller, status, headers) {
          if (parsed.stream)
            res.writeHead(status, ["content-type", String(headers["content-type"]), "x-provider", "up"]);
        },
        onResponseData(_controller, chunk) {
          if (parsed.stream) res.write(chunk);
          else answer.push(chunk);
        },
        onResponseEnd() {
          if (parsed.stream) return res.end();
          const whole = Buffer.concat(answer);
          const { usage }: { usage: { prompt_tokens: number; completion_tokens: number } } = JSON.parse(
            whole.toString("utf8"),
          );
          const headers = [
            "content-type",
            "application/json",
            "content-length",
            String(whole.length),
            "x-provider",
            "up",
          ];
          headers.push(
            "x-model",
            "bench-sent",
            "x-in",
            String(usage.prompt_tokens),
            "x-out",
            String(usage.completion_tokens),
          );
          res.writeHead(200, headers);
          res.end(whole);
        },
        onResponseError: () => res.destroy(),
      },
    );
  });
});

server.keepAliveTimeout = 60_000;
// Node's 511 that wait to be accepted are too few for thousands at once: those beyond wait a second for their next try.
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  const address = server.address();
  if (typeof address === "object" && address) console.log(`http://127.0.0.1:${address.port}`);
});
