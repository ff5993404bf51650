import { deepEqual, equal, match, ok } from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { exchange } from "../../test/support/exchange.ts";
import { type InProcessRouter, startInProcess } from "../../test/support/in-process.ts";
import { post, rawClient } from "../../test/support/raw-client.ts";
import { until } from "../../test/support/until.ts";

const KEY = "router-key-1";
const SIMULATED = `[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`;
const CHAT = JSON.stringify({ model: "m", messages: [{ role: "user", content: "say something" }] });

/** What each API calls its error, and how its message is found. */
const SHAPES = [
  { path: "/v1/chat/completions", message: (body: string): string => JSON.parse(body).error.message },
  { path: "/v1/responses", message: (body: string): string => JSON.parse(body).error.message },
  { path: "/v1/messages", message: (body: string): string => JSON.parse(body).error.message },
  { path: "/api/chat", message: (body: string): string => JSON.parse(body).error },
  { path: "/api/generate", message: (body: string): string => JSON.parse(body).error },
];

describe("without a key", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(SIMULATED);
  });
  after(() => router.close());

  test("what does not exist is 404, what takes another method is 405 and names it", async () => {
    equal((await exchange(`${router.url}/v1/nothing`)).status, 404);
    const wrong = await exchange(`${router.url}/v1/chat/completions`, { method: "DELETE" });
    deepEqual([wrong.status, wrong.headers.allow], [405, "POST"]);
    const root = await exchange(`${router.url}/`, { method: "POST", body: "{}" });
    deepEqual([root.status, root.headers.allow], [405, "GET, HEAD"]);
    equal((await exchange(`${router.url}/v1/chat/completions`, { method: "OPTIONS" })).status, 405);
  });

  test("HEAD is answered with the head alone, and the connection goes on", async () => {
    const head = "host: localhost\r\n\r\n";
    const client = await rawClient(router.url, `HEAD / HTTP/1.1\r\n${head}HEAD /health HTTP/1.1\r\n${head}`);
    client.socket.write(`HEAD /nothing HTTP/1.1\r\n${head}GET /health HTTP/1.1\r\n${head}`);
    const heard = await client.hears(/\r\n\r\nok$/);
    deepEqual(
      [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1]),
      ["200", "200", "404", "200"],
    );
    ok(!heard.includes("Ollama is running") && !heard.includes("no route"));
    client.socket.destroy();
  });

  test("a path that is no valid text is the caller's fault", async () => {
    for (const path of ["/v1/models/%zz", "/v1/models/%ff", "/v1/models/%"]) {
      const got = await exchange(router.url + path);
      equal(got.status, 404, path);
    }
    deepEqual(router.log, []);
  });

  test("a WebSocket is refused with 426 in the API's own shape", async () => {
    for (const { path, message } of SHAPES) {
      const lines = ["host: localhost", "connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"];
      const client = await rawClient(router.url, `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      const heard = await client.ended();
      match(heard, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
      match(message(heard.slice(heard.indexOf("\r\n\r\n"))), /no WebSocket/);
    }
  });

  test("an offer to speak HTTP/2 is passed over: Java's client makes it with every first request", async () => {
    const headers = ["connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "http2-settings: AAEAAEAAAAIAAAAB"];
    const client = await rawClient(router.url, post("/v1/chat/completions", CHAT, headers));
    match(await client.hears("chat.completion"), /^HTTP\/1\.1 200 OK\r\n/);
    client.socket.destroy();
  });

  test("a request in HTTP/1.0 gets an answer without chunks or trailers, whole and streamed", async () => {
    for (const stream of [false, true]) {
      const body = JSON.stringify({ ...JSON.parse(CHAT), stream });
      const client = await rawClient(router.url, post("/v1/chat/completions", body, [], "1.0"));
      const heard = await client.ended();
      match(heard, /^HTTP\/1\.1 200 OK\r\n/);
      ok(!/transfer-encoding|^trailer/im.test(heard.slice(0, heard.indexOf("\r\n\r\n"))), heard.slice(0, 600));
      if (stream) ok(heard.endsWith("data: [DONE]\n\n"), heard.slice(-200));
    }
  });

  test("requests sent one behind the other are answered in order, streams too", async () => {
    const streamed = JSON.stringify({ ...JSON.parse(CHAT), stream: true });
    const all = [CHAT, streamed, CHAT].map((body) => post("/v1/chat/completions", body)).join("");
    const client = await rawClient(router.url, `${all}GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    const heard = await client.hears(/\r\n\r\nok$/);
    const types = [...heard.matchAll(/content-type: (\S+?)[;\r]/gi)].map((found) => found[1]);
    deepEqual(types, ["application/json", "text/event-stream", "application/json", "text/plain"]);
    client.socket.destroy();
  });

  test("expect: 100-continue is answered before the body is sent", async () => {
    const whole = post("/v1/chat/completions", CHAT, ["expect: 100-continue"]);
    const split = whole.indexOf("\r\n\r\n") + 4;
    const client = await rawClient(router.url, whole.slice(0, split));
    await client.hears("HTTP/1.1 100 Continue\r\n\r\n");
    client.socket.write(whole.slice(split));
    await client.hears("HTTP/1.1 200 OK");
    client.socket.destroy();
  });

  test("what is not HTTP is answered 400 and cut", async () => {
    const client = await rawClient(router.url, "how do you do?\r\n\r\n");
    match(await client.ended(), /^HTTP\/1\.1 400 /);
  });

  test("smuggled lengths are refused", async () => {
    const both = post("/v1/chat/completions", CHAT, ["transfer-encoding: chunked"]);
    match(await (await rawClient(router.url, both)).ended(), /^HTTP\/1\.1 400 /);
    const two = post("/v1/chat/completions", CHAT, ["content-length: 3"]);
    match(await (await rawClient(router.url, two)).ended(), /^HTTP\/1\.1 400 /);
  });
});

describe("with a key", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(`[server]\napi_key_env = "KEY"\ndashboard = true\n\n${SIMULATED}`, { env: { KEY } });
  });
  after(() => router.close());

  for (const { path, message } of SHAPES) {
    test(`${path}: 401 in its own shape without the key, with a wrong one, and on paths beside it`, async () => {
      for (const headers of [{}, { authorization: "Bearer wrong" }, { "x-api-key": `${KEY}x` }]) {
        const got = await exchange(router.url + path, { body: CHAT, headers });
        equal(got.status, 401);
        match(message(got.body.toString()), /missing or wrong API key/);
      }
      equal((await exchange(`${router.url}/${path}`, { body: CHAT })).status, 401);
      equal((await exchange(`${router.url}${path}/`, { body: CHAT })).status, 401);
    });
  }

  test("each way of showing the key opens", async () => {
    const path = "/v1/chat/completions";
    for (const headers of [{ authorization: `Bearer ${KEY}` }, { "x-api-key": KEY }])
      equal((await exchange(router.url + path, { body: CHAT, headers })).status, 200);
    equal((await exchange(`${router.url}${path}?api_key=${KEY}`, { body: CHAT })).status, 200);
    equal((await exchange(`${router.url}/dashboard?api_key=${KEY}`)).status, 200);
  });

  test("/health is open, whatever comes with it", async () => {
    equal((await exchange(`${router.url}/health`)).status, 200);
    equal((await exchange(`${router.url}/health?api_key=wrong`)).status, 200);
  });

  test("a refused request leaves no event, and its connection takes the next one", async () => {
    const before = router.events.length;
    const wrong = post("/v1/chat/completions", CHAT, ["x-api-key: wrong"]);
    const right = post("/v1/chat/completions", CHAT, [`x-api-key: ${KEY}`]);
    const client = await rawClient(router.url, wrong + right);
    await client.hears("chat.completion");
    await until(() => router.completes().length > 0, "the one request to complete");
    equal(router.events.slice(before).filter((event) => event.type === "start").length, 1);
    client.socket.destroy();
  });

  test("the key is in no line of the log and no event", async () => {
    await exchange(`${router.url}/v1/chat/completions?api_key=${KEY}`, { body: CHAT });
    ok(!JSON.stringify([router.log, router.events]).includes(KEY));
  });
});

describe("bodies", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(`[server]\nmax_body_mb = 0.5\n\n${SIMULATED}`);
  });
  after(() => router.close());
  const path = "/v1/chat/completions";

  test("too large by its content-length: 413, and the connection ends", async () => {
    const got = await exchange(router.url + path, { body: "x".repeat(600 * 1024) });
    equal(got.status, 413);
    match(JSON.parse(got.body.toString()).error.message, /larger than 524288 bytes/);
    equal(got.headers.connection, "close");
  });

  test("too large in chunks: 413 although no length was told", async () => {
    const got = await chunkedPost(router.url + path, 3 * 1024 * 1024);
    equal(got, 413);
  });

  test("a client that sends on and on reads its 413 all the same", async () => {
    for (let turn = 0; turn < 5; turn++) {
      const got = await exchange(router.url + path, { body: Buffer.alloc(40 * 1024 * 1024, 0x20) });
      equal(got.status, 413);
    }
  });

  test("and so does fetch, which takes a broken connection for the answer", async () => {
    const body = new Uint8Array(9 * 1024 * 1024).fill(0x20);
    for (let turn = 0; turn < 10; turn++) equal((await fetch(router.url + path, { method: "POST", body })).status, 413);
  });

  test("one that never stops is cut off", async () => {
    const head = "host: localhost\r\ncontent-length: 999999999\r\n\r\n";
    const client = await rawClient(router.url, `POST ${path} HTTP/1.1\r\n${head}`);
    const sending = setInterval(() => client.socket.write(" "), 20).unref();
    await client.hears(" 413 ");
    await client.ended();
    clearInterval(sending);
  });

  test("compressed: 415 in the API's own shape, which says what to do, and the connection goes on", async () => {
    const gemini = {
      path: "/v1beta/models/m:generateContent",
      message: (body: string): string => JSON.parse(body).error.message,
    };
    for (const { path: at, message } of [...SHAPES, gemini]) {
      for (const encoding of ["gzip", "br", "deflate", "zstd", "gzip, br", 'a"b']) {
        const got = await exchange(router.url + at, { headers: { "content-encoding": encoding }, body: CHAT });
        equal(got.status, 415);
        match(message(got.body.toString()), /content-encoding: .*no compressed bodies: send it as it is/);
        equal(got.headers["accept-encoding"], "identity");
      }
    }
    const asItIs = await exchange(router.url + path, { headers: { "content-encoding": "Identity" }, body: CHAT });
    equal(asItIs.status, 200);
    const client = await rawClient(router.url, post(path, CHAT, ["content-encoding: gzip"]) + post(path, CHAT));
    match(await client.hears("chat.completion"), /^HTTP\/1\.1 415 /);
    client.socket.destroy();
  });

  const REFUSED: [string, string | Buffer, RegExp][] = [
    ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /not valid UTF-8/],
    ["not JSON", "{", /not JSON/],
    ["nothing", "", /not JSON/],
    ["a list", "[]", /not a JSON object/],
    ["null", "null", /not a JSON object/],
    ["trailing data", `${CHAT} {}`, /not JSON/],
  ];
  for (const [name, body, message] of REFUSED) {
    test(`${name}: 400`, async () => {
      const got = await exchange(router.url + path, { body });
      equal(got.status, 400);
      match(JSON.parse(got.body.toString()).error.message, message);
    });
  }

  test("nested 100,000 levels deep: 400, in every API, and nobody's log speaks of a bug", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const tool = { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: "DEEP" }] };
    const bodies: [string, string][] = [
      ["/v1/messages", JSON.stringify({ model: "m", max_tokens: 9, messages: [tool] })],
      [
        path,
        JSON.stringify({
          ...JSON.parse(CHAT),
          tools: [{ type: "function", function: { name: "f", parameters: "DEEP" } }],
        }),
      ],
      ["/api/chat", JSON.stringify({ ...JSON.parse(CHAT), format: "DEEP" })],
      ["/v1/responses", JSON.stringify({ model: "m", input: [{ type: "odd", value: "DEEP" }] })],
    ];
    for (const [where, template] of bodies) {
      const got = await exchange(router.url + where, { body: template.replace('"DEEP"', `{"a":${deep}}`) });
      ok(got.status === 400 || got.status === 200, `${where}: ${got.status} ${got.body.toString().slice(0, 300)}`);
    }
    deepEqual(router.log, []);
    await router.settled();
  });

  test("a client that leaves in the middle of its body leaves nothing behind", async () => {
    const before = router.events.length;
    const whole = post(path, CHAT);
    const client = await rawClient(router.url, whole.slice(0, -10));
    client.socket.destroy();
    equal((await exchange(`${router.url}/health`)).status, 200);
    equal(router.events.length, before);
    deepEqual(router.log, []);
  });
});

/** Sends so many bytes in chunks, and gives the status. */
function chunkedPost(url: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent: false }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode);
    });
    outgoing.on("error", reject);
    for (let sent = 0; sent < bytes; sent += 64 * 1024) outgoing.write(Buffer.alloc(64 * 1024, 0x20));
    outgoing.end();
  });
}
