import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Agent, request } from "node:http";
import { describe, test } from "node:test";
import { exchange } from "../support/exchange.ts";
import { inProcess, oneProvider } from "../support/in-process.ts";
import { rawClient } from "../support/raw-client.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, type TcpScript, tcpUpstream } from "../support/tcp-upstream.ts";
import { until } from "../support/until.ts";
import { startUpstream } from "../support/upstream/upstream.ts";
import { CHAT } from "./ask-raw.ts";

// Where two readers of one connection disagree on where a message ends, one user's bytes become another one's request or answer:
// Traefik's shared pool (CVE-2026-71324). Of requests, what holds here is Node's parser, which is strict and not ours to take out; the lane takes
// nothing of this kind, and reads what it takes as Node's parser does: `fuzz/heads.test.ts`. Of answers it is `upstream/http/response-parser.ts`,
// whose own tests say what it refuses, and that a connection is given up which says more than it was asked.

const HIDDEN = "GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n";
const CHUNKED = `${CHAT.length.toString(16)}\r\n${CHAT}\r\n0\r\n\r\n`;
const MESSAGES: Record<string, { head: string[]; body: string }> = {
  "a length and chunks": { head: [`content-length: ${CHUNKED.length}`, "transfer-encoding: chunked"], body: CHUNKED },
  "chunks and a length": { head: ["transfer-encoding: chunked", "content-length: 4"], body: CHUNKED },
  "two lengths": { head: [`content-length: ${CHAT.length}`, "content-length: 3"], body: CHAT },
  "two lengths in one": { head: [`content-length: ${CHAT.length}, 3`], body: CHAT },
  "a length with a sign": { head: [`content-length: +${CHAT.length}`], body: CHAT },
  "a length in hexadecimal": { head: [`content-length: 0x${CHAT.length.toString(16)}`], body: CHAT },
  "a length beyond all numbers": { head: ["content-length: 99999999999999999999"], body: CHAT },
  "an encoding nobody knows": { head: ["transfer-encoding: x"], body: CHUNKED },
  "chunked, and something after it": { head: ["transfer-encoding: chunked, identity"], body: CHUNKED },
  "chunked with something before its name": { head: ["transfer-encoding: xchunked"], body: CHUNKED },
  "a space before the colon": { head: ["transfer-encoding : chunked"], body: CHUNKED },
  "a folded header": { head: ["x-a: b", " transfer-encoding: chunked", `content-length: ${CHAT.length}`], body: CHAT },
  "a folded encoding": { head: ["transfer-encoding:", " chunked"], body: CHUNKED },
  "a bare line feed": { head: [`x-a: b\ncontent-length: 3`, `content-length: ${CHAT.length}`], body: CHAT },
  "a bare carriage return": {
    head: [`x-a: b\rtransfer-encoding: chunked`, `content-length: ${CHAT.length}`],
    body: CHAT,
  },
  "NUL in a header": { head: ["x-a: b\0", `content-length: ${CHAT.length}`], body: CHAT },
  "a chunk whose length is none": { head: ["transfer-encoding: chunked"], body: `xx\r\n${CHAT}\r\n0\r\n\r\n` },
  "a chunk whose length is beyond all numbers": {
    head: ["transfer-encoding: chunked"],
    body: `fffffffffffffffff\r\n${CHAT}`,
  },
  "a chunk longer than it says": { head: ["transfer-encoding: chunked"], body: `5\r\n${CHAT}\r\n0\r\n\r\n` },
};

describe("S23: requests whose end can be read in two ways", () => {
  for (const [name, { head, body }] of Object.entries(MESSAGES))
    test(`${name}: refused and cut off, and what is behind it is no request`, async (t) => {
      const upstream = await tcpUpstream(t, (socket) => void socket.write(httpAnswer(200, "application/json", "{}")));
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const lines = [
        "POST /v1/chat/completions HTTP/1.1",
        "host: localhost",
        "content-type: application/json",
        ...head,
      ];
      const client = await rawClient(router.url, `${lines.join("\r\n")}\r\n\r\n${body}${HIDDEN}`);
      const heard = await client.ended();
      match(heard, /^HTTP\/1\.1 400 /);
      equal(heard.match(/HTTP\/1\.1 /g)?.length, 1);
      deepEqual(upstream.requests, []);
    });
});

const answer = (text: string) => {
  const choices = [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }];
  return JSON.stringify({ id: "c", object: "chat.completion", created: 1, model: "m", choices });
};
const whole = (text: string) => httpAnswer(200, "application/json", answer(text));
const inChunks = (text: string) => chunkedHead("application/json") + chunk(answer(text)) + LAST_CHUNK;

/** What the provider says to the first user, and then more than it was asked. */
const TOO_MUCH: Record<string, TcpScript> = {
  "two answers": (socket) => void socket.write(whole("mine") + whole("somebody else's")),
  "two answers in chunks": (socket) => void socket.write(inChunks("mine") + inChunks("somebody else's")),
  "bytes beyond its length": (socket) => void socket.write(`${whole("mine")}somebody else's`),
  "a second answer later": (socket) => {
    socket.write(whole("mine"));
    setTimeout(() => socket.write(whole("somebody else's")), 20);
  },
  "half of a second answer": (socket) => void socket.write(whole("mine") + whole("somebody else's").slice(0, 40)),
};

describe("S23: a provider that says more than it was asked", () => {
  for (const [name, first] of Object.entries(TOO_MUCH))
    test(`${name}: the next user sees nothing of it`, async (t) => {
      const upstream = await tcpUpstream(t, (socket, asked, serial) =>
        serial === 1 ? first(socket, asked, serial) : void socket.write(whole(`answer ${serial}`)),
      );
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const ask = async () => (await exchange(`${router.url}/v1/chat/completions`, { body: CHAT })).body.toString();
      match(await ask(), /"mine"/);
      // What comes while the next request is under way no reader of HTTP/1.1 can tell from its answer.
      if (name.endsWith("later")) await until(() => upstream.open === 0, "the connection to be given up");
      for (let serial = 2; serial <= 5; serial++) {
        const heard = await ask();
        ok(heard.includes(`"answer ${serial}"`), heard);
      }
    });
});

test("S23: of 2,000 requests at a time each gets its own answer", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  upstream.answer(({ body }) => ({ text: JSON.stringify(body).match(/tag-\d+-end/)?.[0] ?? "none" }));
  const router = await inProcess(t, oneProvider("openai", upstream.url));
  const agent = new Agent({ keepAlive: true, maxSockets: 250 });
  t.after(async () => agent.destroy());
  const tags = Array.from({ length: 2_000 }, (_, at) => `tag-${at}-end`);
  const wrong = await Promise.all(
    tags.map(async (tag, at) => {
      const body = { model: "m", stream: at % 2 === 0, messages: [{ role: "user", content: tag }] };
      const heard = await ask(`${router.url}/v1/chat/completions`, agent, JSON.stringify(body));
      // A stream may bring it in pieces.
      const text = [...heard.matchAll(/"content":"([^"]*)"/g)].map((found) => found[1]).join("");
      return text === tag ? [] : [`${tag}: ${text || heard.slice(0, 200)}`];
    }),
  );
  deepEqual(wrong.flat(), []);
});

function ask(url: string, agent: Agent, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: "POST", agent, headers: { "content-type": "application/json" } },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (piece: string) => {
          text += piece;
        });
        incoming.on("end", () => resolve(text));
        incoming.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
