import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { allRoutes } from "../support/all-routes.ts";
import { type InProcessRouter, inProcess, oneProvider, startInProcess } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";
import { askRaw, CHAT, type RawAsk, statusOf } from "./ask-raw.ts";

// What browsers are told stands on every answer, or on none that matters: one forgotten error page is enough. So the routes are the
// router's own, each is asked in ways that are answered by different code, and the heads are looked at as they came.

const KEY = "the-router-key";
const APP = "https://app.example";
const CONFIG = `[server]
dashboard = true
api_key_env = "ROUTER_KEY"
cors_origins = ["${APP}"]
[metrics]
enabled = true
[[providers]]
name = "sim"
format = "simulated"
[[routers]]
type = "fallback"`;

const HOST = "host: localhost";
const AUTH = `x-api-key: ${KEY}`;
const JSON_TYPE = "content-type: application/json";

/** All there is of a header. */
const all = (head: string, name: string) =>
  [...head.matchAll(new RegExp(`^${name}: (.*?)\\r?$`, "gim"))].map(([, value]) => value);

/** What is wrong with a head. What a model or a provider said carries the exchange's id, and is not for showing. */
function faultsIn(head: string, isShared = false): string[] {
  const shown = !/^x-router-id: /im.test(head);
  const policy = all(head, "content-security-policy");
  const wanted: [string, string[]][] = [
    ["x-content-type-options", ["nosniff"]],
    ["cross-origin-resource-policy", isShared ? [] : ["same-origin"]],
    ["referrer-policy", shown ? ["no-referrer"] : []],
  ];
  const faults = wanted.flatMap(([name, value]) =>
    JSON.stringify(all(head, name)) === JSON.stringify(value) ? [] : [`${name}: ${all(head, name)}`],
  );
  const holds = /^default-src 'none'; .*\bbase-uri 'none'; form-action '(?:none|self)'; frame-ancestors 'none'$/;
  const isHeld = policy.length === 1 && holds.test(policy[0] ?? "") && !/unsafe|\*|http|data:/.test(policy[0] ?? "");
  return shown !== isHeld ? [...faults, `content-security-policy: ${policy}`] : faults;
}

const routes = allRoutes().map(({ method, path, open, admin }) => ({
  line: `${method} ${path.replace("*", "simulated")}`,
  path: path.replace("*", "simulated"),
  open: open === true,
  admin: admin === true,
}));

describe("on every answer", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(CONFIG, { env: { ROUTER_KEY: KEY }, recording: true });
    await router.store?.caughtUp();
  });
  after(() => router.close());

  /** Statuses that were given; each head has to be as it should. */
  async function statuses(asks: RawAsk[], isShared = false): Promise<Set<number>> {
    const seen = new Set<number>();
    const found = await Promise.all(
      asks.map(async (ask) => {
        const head = await askRaw(router.url, ask);
        seen.add(statusOf(head));
        return faultsIn(head, isShared).map((fault) => `${ask.line}: ${statusOf(head)}, ${fault}`);
      }),
    );
    deepEqual(found.flat(), []);
    return seen;
  }

  test("with the key", async () => {
    const seen = await statuses(routes.map(({ line }) => ({ line, headers: [HOST, AUTH, JSON_TYPE] })));
    ok(seen.has(200) && seen.has(400) && seen.has(404), `${[...seen]}`);
  });

  test("without it, and of the form that asks for it", async () => {
    const closed = routes.filter(({ open }) => !open);
    deepEqual(await statuses(closed.map(({ line }) => ({ line, headers: [HOST] }))), new Set([401]));
    const browser = [HOST, "accept: text/html"];
    const form = await askRaw(router.url, { line: "GET /dashboard", headers: browser });
    match(form, /^content-type: text\/html/m);
    deepEqual([statusOf(form), faultsIn(form)], [401, []]);
  });

  test("by another method, and of paths that are not there", async () => {
    const others = routes.map(({ path }) => ({ line: `PATCH ${path}`, headers: [HOST, AUTH] }));
    deepEqual(await statuses(others), new Set([405]));
    const nowhere = ["/nothing", "/v1/nothing", "/api/nothing", "/v1beta/nothing", "/dashboard/assets/no.js", "/../x"];
    deepEqual(
      await statuses(nowhere.map((path) => ({ line: `GET ${path}`, headers: [HOST, AUTH] }))),
      new Set([404, 405]),
    );
  });

  test("to foreign names, foreign pages and targets that are none", async () => {
    const closed = routes.filter(({ open }) => !open);
    const from = (...headers: string[]) => closed.map(({ line }) => ({ line, headers: [...headers, AUTH, JSON_TYPE] }));
    deepEqual(await statuses(from("host: evil.test")), new Set([403]));
    deepEqual(await statuses(from(HOST, "origin: https://evil.test")), new Set([403]));
    deepEqual(await statuses([{ line: "GET http://localhost/", headers: [HOST] }]), new Set([400]));
    deepEqual(await statuses([{ line: "GET /", headers: [HOST, ...upgrade] }]), new Set([426]));
  });

  test("a body that is none, too large a head", async () => {
    const posts = routes.filter(({ line }) => line.startsWith("POST"));
    const asks = posts.map(({ line }) => ({ line, headers: [HOST, AUTH], body: "{" }));
    ok((await statuses(asks)).has(400));
    const many = Array.from({ length: 300 }, (_, at) => `x-${at}: 1`);
    deepEqual(await statuses([{ line: "GET /health", headers: [HOST, ...many] }]), new Set([431]));
  });

  test("what the browser has already", async () => {
    const shell = await (await fetch(`${router.url}/dashboard`, { headers: { "x-api-key": KEY } })).text();
    for (const [asset = ""] of shell.matchAll(/\/dashboard\/assets\/[^"?]+/g)) {
      const line = `GET ${asset}`;
      const head = await askRaw(router.url, { line, headers: [HOST, AUTH] });
      deepEqual([statusOf(head), faultsIn(head)], [200, []], asset);
      const known = `if-none-match: ${all(head, "etag")[0]}`;
      deepEqual(await statuses([{ line, headers: [HOST, AUTH, known] }]), new Set([304]));
    }
  });

  test("of an origin that was let in: it may have what is for clients, and nothing but that", async () => {
    const from = [HOST, AUTH, JSON_TYPE, `origin: ${APP}`];
    const shared = routes.filter(({ admin, open }) => !admin && !open);
    await statuses(
      shared.map(({ line }) => ({ line, headers: from })),
      true,
    );
    const ask = "access-control-request-method: POST";
    const preflights = shared.map(({ path }) => ({ line: `OPTIONS ${path}`, headers: [...from, ask] }));
    deepEqual(await statuses(preflights, true), new Set([204]));
    const owners = routes.filter(({ admin }) => admin);
    deepEqual(await statuses(owners.map(({ line }) => ({ line, headers: from }))), new Set([403]));
  });
});

test("on what a router says that has too much to do", async (t) => {
  const router = await inProcess(t, `${CONFIG}\n[overload]\nmax_heap_share = 0.001`, { env: { ROUTER_KEY: KEY } });
  let head = "";
  await until(async () => {
    head = await askRaw(router.url, { headers: [HOST, AUTH, JSON_TYPE] });
    return statusOf(head) === 503;
  }, "it to be overloaded");
  deepEqual(faultsIn(head), []);
});

const upgrade = ["connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"];

describe("of what a provider says of its own answer", () => {
  let upstream: Upstream;
  let router: InProcessRouter;
  before(async () => {
    upstream = await startUpstream("openai");
    router = await startInProcess(oneProvider("openai", upstream.url));
  });
  after(async () => {
    await router.close();
    await upstream.close();
  });

  const THEIRS = {
    "x-content-type-options": "none",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "unsafe-url",
    "content-security-policy": "default-src *",
    "access-control-allow-origin": "*",
  };
  const answer = `{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}`;
  const event = `{"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}`;
  const json = { ...THEIRS, "content-type": "application/json" };

  for (const [what, status, headers, chunks, body] of [
    ["whole", 200, json, [answer], CHAT],
    ["refused", 400, json, [`{"error":{"message":"no"}}`], CHAT],
    [
      "streamed",
      200,
      { ...THEIRS, "content-type": "text/event-stream" },
      [`data: ${event}\n\ndata: [DONE]\n\n`],
      CHAT.replace("{", `{"stream":true,`),
    ],
  ] as const)
    test(`nothing is passed on, nothing stands twice: ${what}`, async () => {
      upstream.answer({ raw: { status, headers, chunks: [...chunks] } });
      const head = await askRaw(router.url, { headers: [HOST, JSON_TYPE], body });
      equal(statusOf(head), status);
      deepEqual(faultsIn(head), []);
      deepEqual(all(head, "access-control-allow-origin"), []);
    });
});
