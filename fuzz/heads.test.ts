import { deepEqual, ok } from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { seededRandom } from "../src/core/seeded-random.ts";
import { readHead } from "../src/server/lane/request-head.ts";
import { mutated } from "./engine/mutate.ts";
import { wordsOf } from "./engine/words.ts";
import { HEADS, REQUEST_HEAD } from "./targets/heads.ts";

const INPUTS = 60_000;
const BODY = "1234567";

// The lane must never read a request in another way than `node:http` would: where the two disagree on its end, what one client sends becomes
// another request. So what the lane takes, of heads that were changed in all sorts of ways, is read by node:http as well.
test("what the lane takes of a head, node:http reads likewise", async (t) => {
  const server = createServer({ joinDuplicateHeaders: true });
  t.after(() => server.close());
  const material = {
    words: [
      ...wordsOf(REQUEST_HEAD.words),
      "\r\n",
      "\r",
      "\n",
      ": ",
      "Transfer-Encoding",
      "Content-Length: 7",
      "chunked",
      "\t",
      "7",
    ],
    corpus: HEADS.map((head) => Buffer.from(head, "latin1")),
  };
  const random = seededRandom(23);
  let taken = 0;
  for (let count = 0; count < INPUTS; count++) {
    const input = mutated(material, random);
    const end = input.indexOf("\r\n\r\n");
    const text = (end === -1 ? input : input.subarray(0, end)).toString("latin1");
    const head = readHead(text);
    if (head === undefined || head.length > BODY.length) continue;
    taken++;
    const [client, socket] = duplexPair();
    const asked = new Promise<IncomingMessage>((resolve, reject) => {
      server.removeAllListeners("request").once("request", resolve);
      server.removeAllListeners("clientError").once("clientError", reject);
    });
    server.emit("connection", socket);
    client.write(Buffer.from(`${text}\r\n\r\n${BODY.slice(0, head.length)}`, "latin1"));
    const req = await asked.catch((error: Error) => {
      throw new Error(`node:http refuses ${JSON.stringify(text)}: ${error.message}`);
    });
    const body = (await buffer(req)).toString();
    deepEqual(
      { url: req.url, headers: { ...req.headers }, body },
      { url: head.target, headers: head.headers, body: BODY.slice(0, head.length) },
      text,
    );
    client.destroy();
    socket.destroy();
  }
  ok(taken > 1_000, `${taken} were taken`);
});
