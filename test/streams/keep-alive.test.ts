import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { PLAIN } from "../conformance/feature.ts";
import { ASK } from "../support/clients/ask.ts";
import { CLIENT_FORMATS, type ClientFormat, type Heard } from "../support/clients/heard.ts";
import { ALL_SCRIPTS } from "./scripts.ts";
import { CLIENT_HALVES, eventsFrom, writtenFor } from "./translate.ts";

/** What a client of this API makes of these bytes. */
async function hear(format: ClientFormat, body: string): Promise<Heard> {
  const server = createServer((req, res) => {
    req.resume();
    res.writeHead(200, { "content-type": CLIENT_HALVES[format].streamType });
    res.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const asked = { model: "m", ...PLAIN[format], ...(format !== "gemini" && { stream: true }) };
    return await ASK[format](`http://127.0.0.1:${port}`, asked, true);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A sign of life in front of each event but none behind the last. */
function interspersed(format: ClientFormat, stream: string, feed: string): string {
  const alive = CLIENT_HALVES[format].keepAlive?.("m", 0) ?? "";
  const end = format.startsWith("ollama") ? "\n" : "\n\n";
  const events = stream.split(end).filter((event) => event !== "");
  return events.map((event) => alive + (event + end).replaceAll("\n", feed)).join("");
}

describe("signs of life do not change what a client hears, before the first event or between any", () => {
  const [text, tools] = ["text", "text and two calls"].map((wanted) => {
    const script = ALL_SCRIPTS.find(({ name, format }) => name === wanted && format === "anthropic");
    assert.ok(script);
    return eventsFrom(script.format, script.bytes);
  });
  for (const format of CLIENT_FORMATS)
    test(format, async () => {
      const calls = format === "openai-completions" || format === "ollama-generate";
      for (const events of calls ? [text] : [text, tools]) {
        const stream = writtenFor(format, events ?? []).toString();
        const plain = await hear(format, stream);
        assert.equal(plain.error, undefined);
        for (const feed of format.startsWith("ollama") ? ["\n"] : ["\n", "\r\n"]) {
          const heard = await hear(format, interspersed(format, stream, feed));
          const told = ({ text: said, toolCalls, finish, usage, error }: Heard) => ({
            said,
            toolCalls,
            finish,
            usage,
            error,
          });
          assert.deepEqual(told(heard), told(plain));
        }
      }
    });
});

test("Gemini's clients get none: they break on comments", () => {
  assert.equal(CLIENT_HALVES.gemini.keepAlive, undefined);
  for (const format of CLIENT_FORMATS) if (format !== "gemini") assert.ok(CLIENT_HALVES[format].keepAlive, format);
});
