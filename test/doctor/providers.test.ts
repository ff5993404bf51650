import assert from "node:assert/strict";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { EXPIRED, SELF_SIGNED, TEST_KEY } from "../support/certificates.ts";
import type { Cleanup } from "../support/in-process.ts";
import { addressOf, startUpstream } from "../support/upstream/upstream.ts";
import { look } from "./look.ts";

const KEY = "sk-canary-0123456789abcdef";
/** Longer than names may be: no server is asked for it. */
const NO_HOST = `${"x".repeat(64)}.invalid`;
const RULE = '[[routers]]\ntype = "fallback"\n';

/** A config with one provider that has a key. */
function configOf(url: string, more = "", format = "openai"): string {
  const provider = `[[providers]]\nname = "p"\nformat = "${format}"\nbase_url = "${url}"\napi_key_env = "P_KEY"\n${more}`;
  return `[server]\nport = 0\n${provider}\n${RULE}`;
}

const env = { P_KEY: KEY };

async function upstream(context: Cleanup, format: "openai" | "ollama" = "openai") {
  const started = await startUpstream(format);
  context.after(() => started.close());
  return started;
}

type Server = ReturnType<typeof createHttp> | ReturnType<typeof createHttps>;

async function listening(context: Cleanup, server: Server): Promise<AddressInfo> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  return addressOf(server.address());
}

async function urlOf(context: Cleanup, listener: RequestListener): Promise<string> {
  const { port } = await listening(context, createHttp(listener));
  return `http://127.0.0.1:${port}/v1`;
}

/** The only row that failed, with what to do; fails when there is none, or are several. */
async function onlyFailure(context: Cleanup, toml: string, options = {}) {
  const looked = await look(context, toml, { json: true, env, ...options });
  const failed = looked.result().sections.flatMap(({ findings }) => findings.filter(({ state }) => state === "failed"));
  assert.equal(failed.length, 1, looked.text);
  assert.equal(looked.code, 1);
  assert.ok(!looked.text.includes(KEY), "the key is in the output");
  const [{ check, text, todo } = { check: "", text: "", todo: "" }] = failed;
  assert.ok(todo, `${check} does not say what to do`);
  return { check, text, todo: todo ?? "", looked };
}

suite("a provider", { concurrency: true }, () => {
  test("that works: each step is ok, one request is sent with the cheapest configured model", async (context) => {
    const server = await upstream(context);
    const looked = await look(context, configOf(server.url, 'models = { fast = "listed-model" }'), { json: true, env });
    assert.equal(looked.code, 0, looked.text);
    const rows = looked.rows().filter((row) => /^\w+ (?:tcp|models|names|request|clock):/.test(row));
    assert.deepEqual(
      rows.map((row) => row.replace(/port \d+/, "port N")),
      [
        "ok tcp: 127.0.0.1 port N answers",
        "ok models: lists 2 models",
        "ok request: listed-model answered, 11 + 7 tokens",
        "ok clock: right within a minute, by the answers of p",
      ],
    );
    assert.equal(server.requests.length, 1);
    assert.equal(server.last().body["model"], "listed-model");
    assert.equal(server.last().headers.authorization, `Bearer ${KEY}`);
    const { spent } = looked.result();
    assert.deepEqual([spent.requests, spent.input_tokens, spent.output_tokens], [1, 11, 7]);
    assert.ok(!looked.text.includes(KEY));
  });

  test("that refuses the key", async (context) => {
    const url = await urlOf(context, (_, response) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}` } }));
    });
    const { check, text, todo } = await onlyFailure(context, configOf(url));
    assert.equal(check, "key");
    assert.match(text, /^credential \(HTTP 401\)/);
    assert.match(todo, /P_KEY/);
  });

  test("that lists its models to everybody, and refuses the key when asked, repeating it", async (context) => {
    const server = await upstream(context);
    server.answer({ error: { status: 403, message: `no access with ${KEY}` } });
    const { check, text, todo } = await onlyFailure(context, configOf(server.url));
    assert.equal(check, "request");
    assert.match(text, /^listed-model: credential \(HTTP 403\): no access with \[key\]$/);
    assert.match(todo, /P_KEY/);
  });

  test("whose certificate is expired, or signed by nobody", async (context) => {
    for (const [cert, code, remedy] of [
      [EXPIRED, /: certificate has expired \(CERT_HAS_EXPIRED\)$/, /^renew/],
      [SELF_SIGNED, /self-signed certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/, /ca_file = /],
    ] as const) {
      const { port } = await listening(context, createHttps({ key: TEST_KEY, cert }));
      const { check, text, todo } = await onlyFailure(context, configOf(`https://127.0.0.1:${port}/v1`));
      assert.equal(check, "tls");
      assert.match(text, code);
      assert.match(todo, remedy);
    }
  });

  test("that speaks no TLS where https:// is configured", async (context) => {
    const server = await upstream(context);
    const { check, todo } = await onlyFailure(context, configOf(server.url.replace("http:", "https:")));
    assert.equal(check, "tls");
    assert.match(todo, /http:\/\//);
  });

  test("that is not there", async (context) => {
    const { check, text, todo } = await onlyFailure(context, configOf("http://127.0.0.1:1", "", "ollama"));
    assert.equal(check, "tcp");
    assert.match(text, /^nobody answers at 127\.0\.0\.1 port 1 \(ECONNREFUSED\)$/);
    assert.match(todo, /ollama serve/);
  });

  test("whose name nobody knows", async (context) => {
    const { check, text } = await onlyFailure(context, configOf(`http://${NO_HOST}/v1`));
    assert.equal(check, "dns");
    assert.ok(text.startsWith(`the name ${NO_HOST} is not found (`));
  });

  test("that hangs does not keep the others waiting, nor doctor for longer than its patience", async (context) => {
    const server = await upstream(context);
    const url = await urlOf(context, () => undefined);
    const hanging = `[[providers]]\nname = "slow"\nformat = "openai"\nbase_url = "${url}"\n`;
    const order: string[] = [];
    const heard = (line: string) => void (/^Provider (\S+)/.test(line) && order.push(line.split(" ")[1] ?? ""));
    const toml = configOf(server.url).replace("[[providers]]", `${hanging}[[providers]]`);
    const looked = await look(context, toml, { env, timeoutMs: 2_000, heard });
    assert.equal(looked.code, 1);
    assert.deepEqual(order, ["p", "slow"]);
    assert.match(looked.text, /✗ failed {2}models {5}timeout: no answer within 2000 ms\n\s+→ find out why it is slow/);
  });

  test("that has no such model: the alias is yellow, the request red", async (context) => {
    const server = await upstream(context);
    server.answer({ error: { status: 404, message: "The model gone-model does not exist" } });
    const toml = configOf(server.url, 'models = { fast = "gone-model" }').replace(
      RULE,
      '[[routers]]\ntype = "fallback"\nproviders = ["p"]\nrewrite_model = "gone-too"\n',
    );
    const { check, text, looked } = await onlyFailure(context, toml, { model: "fast" });
    assert.equal(check, "request");
    assert.match(text, /^gone-model: not-found \(HTTP 404\): The model gone-model does not exist$/);
    assert.deepEqual(
      looked.rows().filter((row) => row.startsWith("warning names")),
      [
        "warning names: the alias fast means gone-model, which it does not list",
        "warning names: rule 1 sends gone-too, which it does not list",
      ],
    );
  });

  test("whose list begins with what is no chat model: another of it is asked", async (context) => {
    const server = await upstream(context);
    server.answer(({ body }) =>
      body["model"] === "listed-model" ? { error: { status: 400, message: "not a chat model" } } : { text: "ok" },
    );
    const looked = await look(context, configOf(server.url), { json: true, env });
    assert.equal(looked.code, 0, looked.text);
    assert.deepEqual(
      server.requests.map(({ body }) => body["model"]),
      ["listed-model", "other-model"],
    );
  });

  test("that breaks, and what it said is safe for a terminal", async (context) => {
    const server = await upstream(context);
    server.answer({ error: { status: 500, message: "out of \u001b[31mmemory" } });
    const looked = await look(context, configOf(server.url), { env });
    assert.equal(looked.code, 1);
    assert.match(looked.text, /listed-model: target \(HTTP 500\): out of ␛\[31mmemory/);
    assert.ok(!looked.text.includes("\u001b"));
  });

  test("that does not list its models is asked for those that are configured", async (context) => {
    const url = await urlOf(context, (request, response) => {
      const isChat = request.url?.endsWith("/chat/completions");
      response.writeHead(isChat ? 200 : 404, { "content-type": "application/json" });
      const choices = [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }];
      response.end(JSON.stringify(isChat ? { id: "1", object: "chat.completion", model: "m", choices } : {}));
    });
    const looked = await look(context, configOf(url, 'models = { mine = "m" }'), { json: true, env });
    assert.equal(looked.code, 0, looked.text);
    assert.ok(looked.rows().includes("warning models: it does not list its models: status 404"));
    assert.ok(looked.rows().includes("ok request: m answered, it does not say how many tokens"));
  });

  test("is asked nothing that costs with --no-requests", async (context) => {
    const server = await upstream(context, "ollama");
    const looked = await look(context, configOf(server.url, "", "ollama"), { json: true, env, mayAsk: false });
    assert.equal(looked.code, 0);
    assert.equal(server.requests.length, 0);
    assert.equal(looked.result().spent.requests, 0);
    assert.ok(looked.rows().includes("skipped request: not asked: --no-requests"));
    await assert.rejects(look(context, configOf(server.url), { env, mayAsk: false, deep: true }), /leave one out/);
  });

  test("is left out when others are named; one that is not there is refused", async (context) => {
    const server = await upstream(context);
    const toml = `${configOf(server.url)}[[providers]]\nname = "sim"\nformat = "simulated"\n`;
    const looked = await look(context, toml, { json: true, env, providers: ["sim"] });
    assert.deepEqual([server.requests.length, server.others.length], [0, 0]);
    assert.ok(looked.result().sections.some(({ title }) => title === "Provider sim (simulated)"));
    await assert.rejects(look(context, toml, { env, providers: ["smi"] }), /no provider "smi", did you mean "sim"/);
    await assert.rejects(look(context, toml, { providers: ["p"] }), /"p" is skipped: its key is not set/);
  });

  test("being looked at when it is interrupted: what is known is told", async (context) => {
    const stop = new AbortController();
    const url = await urlOf(context, () => stop.abort());
    const looked = await look(context, configOf(url), { env, signal: stop.signal });
    assert.equal(looked.code, 1);
    assert.match(looked.text, /✓ ok {6}tcp .*\n {2}- skipped the rest {3}not looked at: interrupted/);
    assert.match(looked.text, /✗ interrupted: this is what was known\. \d+ ok/);
  });
});
