import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange } from "../../test/support/exchange.ts";
import { type InProcessRouter, inProcess, startInProcess } from "../../test/support/in-process.ts";
import { startUpstream, type Upstream } from "../../test/support/upstream/upstream.ts";

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

describe("on_loss", () => {
  for (const mode of ["report", "reject"] as const) {
    test(mode, async (t) => {
      const upstream = await startUpstream("anthropic");
      t.after(() => upstream.close());
      const toml = `[translation]\non_loss = "${mode}"\n\n[[providers]]\nname = "a"\nformat = "anthropic"\nbase_url = "${upstream.url}"\n\n[[routers]]\ntype = "fallback"`;
      const router = await inProcess(t, toml);
      const ask = (more: object) =>
        exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify({ ...JSON.parse(CHAT), ...more }) });
      const lossy = await ask({ seed: 7, frequency_penalty: 1 });
      equal((await ask({})).status, 200);
      if (mode === "report") return equal(lossy.status, 200);
      equal(lossy.status, 400);
      const { error } = JSON.parse(lossy.body.toString());
      match(error.message, /provider 'a' \(anthropic\) cannot express: .*seed \(dropped\)/);
      match(error.message, /frequency_penalty/);
      ok(["seed", "frequency_penalty"].includes(error.param));
      equal(upstream.requests.length, 1);
      deepEqual(
        (await router.completed(2)).map(({ outcome }) => outcome),
        ["not_translatable", "ok"],
      );
    });
  }
});
