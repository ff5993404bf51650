import { equal, ok } from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { pathOf } from "../../../test/conformance/requests.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { type Cleanup, inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { chunk, chunkedHead, LAST_CHUNK, type TcpUpstream, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import type { Plugin } from "../../plugins/plugin.ts";

const MIB = 1024 * 1024;

function frame(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
}

/** Streams so many characters of text, as fast as they are read, and says nothing of usage. */
function talker(t: Cleanup, characters: number): Promise<TcpUpstream> {
  const piece = chunk(frame({ content: "x".repeat(16 * 1024) }).repeat(16));
  return tcpUpstream(t, (socket) => {
    let left = characters / (256 * 1024);
    socket.write(chunkedHead("text/event-stream"));
    const more = () => {
      while (left-- > 0) if (!socket.write(piece)) return;
      if (left === -1) socket.write(`${chunk(`${frame({}, "stop")}data: [DONE]\n\n`)}${LAST_CHUNK}`);
    };
    socket.on("drain", more);
    more();
  });
}

/** How many bytes came, and how they ended. */
function drain(url: string, body: string): Promise<{ bytes: number; end: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method: "POST", headers: { "content-type": "application/json" } }, (res) => {
      let bytes = 0;
      let end = "";
      res.on("data", (data: Buffer) => {
        bytes += data.length;
        end = (end + data.toString("latin1", Math.max(0, data.length - 1000))).slice(-1000);
      });
      res.on("end", () => resolve({ bytes, end }));
      res.on("error", reject);
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

describe("a stream longer than what is kept of one", () => {
  for (const client of ["openai", "anthropic"] as const) {
    test(`${client}: the client gets all of it, the log its beginning`, { timeout: 60_000 }, async (t) => {
      const upstream = await talker(t, 24 * MIB);
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const body = JSON.stringify({ model: "m", ...PLAIN[client], stream: true });
      const { bytes, end } = await drain(`${router.url}${pathOf(client, "m", true)}`, body);
      ok(bytes > 24 * MIB, `${bytes} bytes`);
      ok(/\[DONE\]|message_stop/.test(end), end);
      const [complete] = await router.completed();
      equal(complete?.outcome, "ok");
      equal(complete.response?.truncated, true);
      const kept = complete.response.content.length;
      ok(kept > 15 * MIB && kept <= 16 * MIB, `${kept} characters kept`);
      equal(complete.usage?.reported, false);
      const output = complete.usage?.output_tokens ?? 0;
      ok(output > 2 * MIB, `${output} tokens`);
    });
  }

  test("one that a plugin has to see whole has the limit of whole answers", { timeout: 60_000 }, async (t) => {
    const upstream = await talker(t, 80 * MIB);
    const plugin: Plugin = { id: "looks", post_response: () => "continue" };
    const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`), { plugins: [plugin] });
    const body = JSON.stringify({ model: "m", ...PLAIN.openai, stream: true });
    const got = await exchange(`${router.url}/v1/chat/completions`, { body });
    ok(got.body.toString().includes("larger than"), got.body.toString("utf8", 0, 300));
    equal((await router.completed())[0]?.outcome, "malformed");
  });

  test("one whose end repeats it has that limit too: what the client got ends in an error event", {
    timeout: 60_000,
  }, async (t) => {
    const upstream = await talker(t, 80 * MIB);
    const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
    const body = JSON.stringify({ model: "m", ...PLAIN["openai-responses"], stream: true });
    const { bytes, end } = await drain(`${router.url}/v1/responses`, body);
    ok(bytes > 30 * MIB, `${bytes} bytes`);
    ok(/larger than/.test(end), end);
    const [complete] = await router.completed();
    equal(complete?.outcome, "malformed");
    equal(complete.response?.truncated, true);
  });
});
