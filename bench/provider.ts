import { createServer } from "node:http";
import { isObject, tryParseJson } from "../src/core/json.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../test/support/upstream/answer.ts";
import { chatDialect } from "../test/support/upstream/upstream.ts";
import { ANSWER, CHUNKS } from "./bodies.ts";

/**
 * The scripted provider of the pairs: speaks every API, each below `/FORMAT`, and gives the same answer, whole or streamed in one
 * go. What it sends is made once, so that it costs the same whatever the API.
 */
interface Canned {
  whole: Buffer;
  stream: Buffer;
  streamType: string;
  isStream(path: string, body: Buffer): boolean;
}

function cannedFor(format: UpstreamFormat): Canned {
  const dialect = chatDialect(format);
  const context = { model: "bench-sent", serial: 1, body: { stream_options: { include_usage: true } } };
  const usage = { input: 500, output: CHUNKS };
  // One piece of text, over and over: what closes the answer says it once, and nobody compares.
  const { content, closing } = dialect.frames({ text: "word", usage }, context);
  const frames = [...content, ...closing];
  const delta = frames.findIndex((frame) => frame.includes('"word"'));
  return {
    whole: Buffer.from(JSON.stringify(dialect.whole({ text: ANSWER, usage }, context))),
    stream: Buffer.from(
      frames.flatMap((frame, at) => (at === delta ? Array.from({ length: CHUNKS }, () => frame) : [frame])).join(""),
    ),
    streamType: dialect.streamType,
    isStream(path, body) {
      const asked = dialect.asks?.(path.slice(dialect.base.length).split("?")[0] ?? "");
      if (asked) return asked.stream;
      const parsed = tryParseJson(body.toString());
      return isObject(parsed) && dialect.wantsStream(parsed);
    },
  };
}

const canned = new Map<string, Canned>(UPSTREAM_FORMATS.map((format) => [format, cannedFor(format)]));

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const [, format = "", rest = ""] = /^\/([\w-]+)(\/.*)$/.exec(req.url ?? "") ?? [];
    const answer = canned.get(format);
    if (!answer) return res.writeHead(404).end();
    const isStream = answer.isStream(rest, Buffer.concat(chunks));
    const body = isStream ? answer.stream : answer.whole;
    const type = isStream ? answer.streamType : "application/json";
    res.writeHead(200, isStream ? { "content-type": type } : { "content-type": type, "content-length": body.length });
    return res.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address) console.log(`http://127.0.0.1:${address.port}`);
});
