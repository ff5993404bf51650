import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { type InProcessRouter, inProcess, oneProvider, startInProcess } from "../../../test/support/in-process.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";

const CHAT = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });

/** What clients send besides, and what of it is none of the provider's business. */
const NEVER: Record<string, string> = {
  authorization: "Bearer secret-1",
  "proxy-authorization": "Basic secret-2",
  "x-api-key": "secret-3",
  "api-key": "secret-4",
  "x-goog-api-key": "secret-5",
  cookie: "session=secret-6",
  referer: "https://page.test/conversation",
  forwarded: "for=10.0.0.1",
  via: "1.1 proxy",
  "x-forwarded-for": "10.0.0.1",
  "x-forwarded-host": "inside.test",
  "sec-fetch-mode": "cors",
  "sec-ch-ua": "browser",
  te: "trailers",
  "accept-encoding": "gzip, br",
  "x-router-anything": "ours",
};
const PASSED: Record<string, string> = {
  "user-agent": "agent/1.0",
  "x-stainless-lang": "js",
  "openai-beta": "assistants=v2",
  "anthropic-beta": "a-2025-01-01,b-2025-01-01",
  "x-request-id": "abc",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

describe("headers of the request", () => {
  let upstream: Upstream;
  let anthropic: Upstream;
  let router: InProcessRouter;
  before(async () => {
    upstream = await startUpstream("openai");
    anthropic = await startUpstream("anthropic");
    const provider = (name: string, { format, url }: Upstream) =>
      `[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${url}"\napi_key_env = "KEY"\n`;
    const rule = (prefix: string, name: string) =>
      `[[routers]]\ntype = "prefix"\nmodel_prefix = "${prefix}"\nprovider = "${name}"`;
    const toml = [provider("o", upstream), provider("a", anthropic), rule("m", "o"), rule("claude", "a")].join("\n\n");
    router = await startInProcess(toml, { env: { KEY: "provider-key" } });
  });
  after(async () => {
    await router.close();
    await upstream.close();
    await anthropic.close();
  });

  test("passed through: everything but the connection's own and credentials", async () => {
    const got = await exchange(`${router.url}/v1/chat/completions?beta=true&api_key=secret-7&key=secret-8`, {
      body: CHAT,
      headers: { ...NEVER, ...PASSED, origin: router.url },
    });
    equal(got.status, 200);
    const { headers, query } = upstream.last();
    for (const name of Object.keys(NEVER)) {
      if (name === "authorization") equal(headers[name], "Bearer provider-key");
      else if (name === "accept-encoding") equal(headers[name], "identity");
      else equal(headers[name], undefined, name);
    }
    for (const [name, value] of Object.entries(PASSED)) equal(headers[name], value, name);
    equal(headers["origin"], undefined);
    equal(query, "?beta=true");
    ok(!JSON.stringify([headers, query]).includes("secret-"));
    equal(headers.host, new URL(upstream.url).host);
  });

  test("translated: only what the dialect needs", async () => {
    const body = CHAT.replace('"m"', '"claude-x"');
    const got = await exchange(`${router.url}/v1/chat/completions`, {
      body,
      headers: { ...NEVER, ...PASSED, origin: router.url },
    });
    equal(got.status, 200, got.body.toString());
    const { headers } = anthropic.last();
    equal(headers["x-api-key"], "provider-key");
    ok(!JSON.stringify(headers).includes("secret-"));
    for (const name of ["openai-beta", "cookie", "origin", "x-stainless-lang"]) equal(headers[name], undefined, name);
    equal(headers["content-type"], "application/json");
  });

  test("a body called a form, as curl does, is sent as the JSON it is", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    equal((await exchange(`${router.url}/v1/chat/completions`, { body: CHAT, headers })).status, 200);
    equal(upstream.last().headers["content-type"], "application/json");
  });

  test("the trace of the client is the trace of the record", async () => {
    const before = router.completes().length;
    await exchange(`${router.url}/v1/chat/completions`, { body: CHAT, headers: PASSED });
    const completes = await router.completed(before + 1);
    equal(completes.at(-1)?.trace_id, "0af7651916cd43dd8448eb211c80319c");
  });

  test("losses are in a header, the event, and no header when there are none", async () => {
    const lossy = JSON.stringify({ ...JSON.parse(CHAT), model: "claude-x", seed: 7, user: "u" });
    const got = await exchange(`${router.url}/v1/chat/completions`, { body: lossy });
    match(String(got.headers["x-router-losses"]), /seed=dropped/);
    const lossless = await exchange(`${router.url}/v1/chat/completions`, { body: CHAT });
    equal(lossless.headers["x-router-losses"], undefined);
    const lossyEvent = router.completes().find(({ losses }) => losses.some(({ field }) => field === "seed"));
    ok(lossyEvent);
  });

  test("a thousand losses do not make a head no client takes", async () => {
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`unknown_field_${at}`, at]));
    const body = JSON.stringify({ ...JSON.parse(CHAT), model: "claude-x", ...unknown });
    const got = await exchange(`${router.url}/v1/chat/completions`, { body });
    equal(got.status, 200);
    ok(String(got.headers["x-router-losses"]).length < 4096);
  });
});

describe("strict", () => {
  const asked = (more: object) => JSON.stringify({ ...JSON.parse(CHAT), ...more });
  const lossy = asked({ seed: 7, frequency_penalty: 1, user: "u" });

  for (const [how, toml, headers] of [
    ["by the config", "[translation]\nstrict = true\n", {}],
    ["by the client's header", "", { "x-router-strict": "1" }],
  ] as const) {
    test(`${how}: losses of the request are refused, all of them named; what does not matter is not`, async (t) => {
      const upstream = await startUpstream("anthropic");
      t.after(() => upstream.close());
      const router = await inProcess(t, `${toml}\n${oneProvider("anthropic", upstream.url)}`);
      const ask = (body: string) => exchange(`${router.url}/v1/chat/completions`, { body, headers });
      const refused = await ask(lossy);
      equal(refused.status, 400);
      const { error } = JSON.parse(refused.body.toString());
      match(error.message, /provider 'p' \(anthropic\) cannot express: .*seed \(dropped\)/);
      match(error.message, /frequency_penalty/);
      ok(["seed", "frequency_penalty"].includes(error.param));
      equal((await ask(asked({ user: "u", stream_options: {} }))).status, 200);
      equal(upstream.requests.length, 1);
      equal(upstream.last().headers["x-router-strict"], undefined);
      deepEqual(
        (await router.completed(2)).map(({ outcome }) => outcome),
        ["not_translatable", "ok"],
      );
    });
  }

  test("not at all: they are reported", async (t) => {
    const upstream = await startUpstream("anthropic");
    t.after(() => upstream.close());
    const router = await inProcess(t, oneProvider("anthropic", upstream.url));
    for (const headers of [{}, { "x-router-strict": "0" }])
      equal((await exchange(`${router.url}/v1/chat/completions`, { body: lossy, headers })).status, 200);
  });
});

test("between equal providers the one that loses nothing serves; one that must refuse is passed by", async (t) => {
  const claude = await startUpstream("anthropic");
  const chat = await startUpstream("openai");
  t.after(() => Promise.all([claude.close(), chat.close()]));
  const provider = (name: string, { format, url }: Upstream, more: string) =>
    `[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${url}"\n${more}\n`;
  const providers = [
    provider("first", claude, "quality = 9\ncost_per_1m_tokens = 1"),
    provider("second", chat, "quality = 9"),
  ];
  const router = await inProcess(t, `${providers.join("")}[[routers]]\ntype = "fallback"\nquality_bias = 1\n`);
  const ask = async (more: object) => {
    const body = JSON.stringify({ ...JSON.parse(CHAT), ...more });
    const got = await exchange(`${router.url}/v1/chat/completions`, { body });
    return [got.status, got.headers["x-router-provider"], got.headers["x-router-losses"]];
  };
  deepEqual(await ask({}), [200, "first", undefined]);
  deepEqual(await ask({ seed: 7 }), [200, "second", undefined]);
  deepEqual(await ask({ n: 2 }), [200, "second", undefined]);
  const reasons = (await router.completed(3)).map(({ decision }) => decision[0]?.["reason"]);
  deepEqual(reasons, [undefined, "first would lose seed", "first cannot express n"]);
});
