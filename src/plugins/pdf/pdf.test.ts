import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ASK } from "../../../test/support/clients/ask.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { type Cleanup, type InProcessRouter, inProcess } from "../../../test/support/in-process.ts";
import { bombPdf, makePdf, scannedPdf } from "../../../test/support/make-pdf.ts";
import { until } from "../../../test/support/until.ts";
import type { UpstreamFormat } from "../../../test/support/upstream/answer.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";
import { isObject, type JsonObject, objectsOf } from "../../core/json.ts";

const ASKED = "What does the second page say?";
const TEXT = "[PDF document, 2 pages, as text]\n\n[page 1]\nApples: 3 euros a kilo\n\n[page 2]\nPears: 4 euros a kilo";
let data = "";
before(async () => {
  data = (await makePdf(["Apples: 3 euros a kilo", "Pears: 4 euros a kilo"])).toString("base64");
});

/** The same question about the same file, as each API says it. */
const QUESTION = {
  anthropic: (pdf: string): JsonObject => ({
    max_tokens: 1000,
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: ASKED },
          {
            type: "document",
            title: "prices.pdf",
            source: { type: "base64", media_type: "application/pdf", data: pdf },
          },
        ],
      },
    ],
  }),
  openai: (pdf: string): JsonObject => ({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: ASKED },
          { type: "file", file: { filename: "prices.pdf", file_data: `data:application/pdf;base64,${pdf}` } },
        ],
      },
    ],
  }),
  "openai-responses": (pdf: string): JsonObject => ({
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: ASKED },
          { type: "input_file", filename: "prices.pdf", file_data: `data:application/pdf;base64,${pdf}` },
        ],
      },
    ],
  }),
  gemini: (pdf: string): JsonObject => ({
    contents: [
      {
        role: "user",
        parts: [{ text: ASKED }, { inlineData: { mimeType: "application/pdf", displayName: "prices.pdf", data: pdf } }],
      },
    ],
  }),
  ollama: (pdf: string): JsonObject => ({ messages: [{ role: "user", content: ASKED, images: [pdf] }] }),
} as const;
const CLIENTS = ["anthropic", "openai", "openai-responses", "gemini", "ollama"] as const;

async function upstream(t: Cleanup, format: UpstreamFormat): Promise<Upstream> {
  const started = await startUpstream(format);
  t.after(() => started.close());
  started.answer({ text: `by ${format}` });
  return started;
}

/** Named by its format. */
function provider({ format, url }: Upstream): string {
  return `[[providers]]\nname = "${format}"\nformat = "${format}"\nbase_url = "${url}"`;
}

/** A router with these providers, named by their format, tried in this order. */
async function routerWith(t: Cleanup, upstreams: readonly Upstream[], settings = "enabled = true") {
  const failover = `[failover]\nmax_attempts = ${upstreams.length}`;
  const rule = `[[routers]]\ntype = "fallback"\nproviders = [${upstreams.map(({ format }) => `"${format}"`)}]`;
  return inProcess(t, [failover, ...upstreams.map(provider), `[plugins.pdf]\n${settings}`, rule].join("\n\n"));
}

async function ask(router: InProcessRouter, body: JsonObject, path = "/v1/chat/completions") {
  return exchange(`${router.url}${path}`, { body: JSON.stringify({ model: "m", ...body }) });
}

/** The words of the first message Ollama was sent. */
function heardByOllama(ollama: Upstream): unknown {
  return objectsOf(ollama.last().body["messages"])[0]?.["content"];
}

test("the example of its page: text for the local model, the file for Claude, text when Claude is down", async (t) => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugins/pdf.md"), "utf8");
  const block = (language: string) => new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(page)?.[1] ?? "";
  const [claude, local] = [await upstream(t, "anthropic"), await upstream(t, "ollama")];
  const toml = block("toml")
    .replace("https://api.anthropic.com/v1", claude.url)
    .replace("http://localhost:11434", local.url);
  const router = await inProcess(t, `[failover]\nmax_attempts = 2\n\n${toml}`, { env: { ANTHROPIC_API_KEY: "k" } });
  const request: unknown = JSON.parse(block("json").replace("JVBERi0x…", data));
  if (!isObject(request)) throw new TypeError("the example is no object");

  equal((await ask(router, request)).status, 200);
  equal(`${heardByOllama(local)}\n`, block("text"));
  await ask(router, { ...request, model: "claude-opus-4-5" });
  ok(claude.last().raw.includes(`"data":"${data}"`));
  claude.answer({ error: { status: 500, message: "down" } });
  equal((await ask(router, { ...request, model: "claude-opus-4-5" })).headers["x-router-provider"], "local");
  equal(`${heardByOllama(local)}\n`, block("text"));
  deepEqual(
    (await router.completed(3)).map(({ provider, plugins }) => [provider, plugins]),
    [
      ["local", ["pdf"]],
      ["claude", []],
      ["local", ["pdf"]],
    ],
  );
});

describe("every client's PDF", () => {
  // One router for those of them that need no settings of their own: each starts a thread for its first PDF.
  const cleanup: (() => Promise<void>)[] = [];
  let router: InProcessRouter;
  let ollama: Upstream;
  let chat: Upstream;
  before(async () => {
    const suite: Cleanup = { after: (run) => void cleanup.push(run) };
    ollama = await upstream(suite, "ollama");
    chat = await upstream(suite, "openai");
    const rules = ["ollama", "openai"].map(
      (name) => `[[routers]]\ntype = "prefix"\nmodel_prefix = "${name}"\nprovider = "${name}"`,
    );
    router = await inProcess(
      suite,
      [...[ollama, chat].map(provider), "[plugins.pdf]\nenabled = true", ...rules].join("\n\n"),
    );
  });
  after(() => Promise.all(cleanup.map((run) => run())));

  for (const client of CLIENTS) {
    test(`${client}, whole and streamed: text for what reads none, nothing lost`, async () => {
      for (const target of [ollama, chat]) {
        for (const stream of [false, true]) {
          const seen = router.completes().length;
          const heard = await ASK[client](router.url, { model: target.format, ...QUESTION[client](data) }, stream);
          deepEqual([heard.status, heard.text, heard.error], [200, `by ${target.format}`, undefined]);
          equal(heard.headers.get("x-router-losses"), null);
          const sent = target.last().raw.toString();
          ok(sent.includes(JSON.stringify(TEXT).slice(1, -1)), sent);
          ok(!sent.includes(data.slice(0, 40)));
          const complete = (await router.completed(seen + 1)).at(-1);
          deepEqual([complete?.plugins, complete?.passthrough, complete?.losses], [["pdf"], false, []]);
        }
      }
    });
  }

  for (const client of ["anthropic", "openai"] as const) {
    test(`${client}: byte for byte to its own API that reads PDFs; no plugin acted, nobody is warned`, async (t) => {
      const native = await upstream(t, client);
      // The one reads all there is; the other may have to be replaced by one that reads none.
      const others = client === "openai" ? [] : [await upstream(t, "ollama")];
      const router = await routerWith(t, [native, ...others], `enabled = true\nnative = ["${client}"]`);
      const path = client === "anthropic" ? "/v1/messages" : "/v1/chat/completions";
      const body = JSON.stringify({ model: "m", ...QUESTION[client]((await scannedPdf()).toString("base64")) });
      equal((await exchange(`${router.url}${path}`, { body })).status, 200);
      equal(native.last().raw.toString(), body);
      const [complete] = await router.completed();
      deepEqual([complete?.plugins, complete?.passthrough, complete?.warnings], [[], true, []]);
    });
  }

  test("in tools' results", async () => {
    const result = QUESTION.anthropic(data)["messages"];
    const content = objectsOf(objectsOf(result)[0]?.["content"]);
    const messages = [
      { role: "user", content: "Read prices.pdf" },
      { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "read", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content }] },
    ];
    const got = await ask(router, { model: "ollama", max_tokens: 10, messages }, "/v1/messages");
    deepEqual([got.status, got.headers["x-router-losses"]], [200, undefined]);
    equal(objectsOf(ollama.last().body["messages"]).at(-1)?.["content"], `${ASKED}\n\nprices.pdf\n${TEXT}`);
  });

  test("where a picture should be, with junk before it, or of no known type", async () => {
    const junk = Buffer.concat([Buffer.from("\n\n"), Buffer.from(data, "base64")]).toString("base64");
    const url = `data:application/pdf;base64,${data}`;
    const chat = "/v1/chat/completions";
    const source = { type: "base64", media_type: "image/png", data };
    const ways: [path: string, part: JsonObject][] = [
      [chat, { type: "image_url", image_url: { url } }],
      [chat, { type: "file", file: { file_data: data } }],
      [chat, { type: "file", file: { file_data: junk } }],
      ["/v1/responses", { type: "input_image", image_url: url }],
      ["/v1/messages", { type: "image", source }],
    ];
    for (const [path, part] of ways) {
      const said = [{ role: "user", content: [part] }];
      const body = path === "/v1/responses" ? { input: said } : { max_tokens: 10, messages: said };
      equal((await ask(router, { model: "ollama", ...body }, path)).status, 200);
      equal(heardByOllama(ollama), TEXT);
    }
  });

  test("by address it stays as it is: the router fetches nothing", async (t) => {
    const claude = await upstream(t, "anthropic");
    const source = { type: "url", url: `${claude.url}/secret.pdf` };
    const body = { max_tokens: 10, messages: [{ role: "user", content: [{ type: "document", source }] }] };
    equal((await ask(await routerWith(t, [claude]), body, "/v1/messages")).status, 200);
    deepEqual(objectsOf(claude.last().body["messages"]), body.messages);
    const refused = await ask(router, { ...body, model: "ollama" }, "/v1/messages");
    equal(refused.status, 400);
    match(refused.body.toString(), /a document by URL: send its text/);
    ok(claude.others.every(({ path }) => path !== "/secret.pdf"));
  });
});

describe("files that say less than they should", () => {
  test("model and owner are told; the conversation goes on, and its beginning stays the same", async (t) => {
    const ollama = await upstream(t, "ollama");
    const router = await routerWith(t, [ollama]);
    const locked = (await makePdf(["x"], { userPassword: "x", ownerPassword: "y" })).toString("base64");
    const scan = (await scannedPdf()).toString("base64");
    const files = [locked, scan].map((pdf) => objectsOf(QUESTION.openai(pdf)["messages"])[0] ?? {});
    equal((await ask(router, { messages: files })).status, 200);
    const first = objectsOf(ollama.last().body["messages"]);
    match(JSON.stringify(first), /could not be read: it is protected by a password.*no text was found/);
    const more = [...files, { role: "assistant", content: "Sorry." }, { role: "user", content: "Never mind." }];
    equal((await ask(router, { messages: more })).status, 200);
    deepEqual(objectsOf(ollama.last().body["messages"]).slice(0, first.length), first);
    const [complete] = await router.completed(2);
    deepEqual(
      complete?.warnings.map(({ warning, message, details }) => [warning, message, details]),
      [
        [
          "plugin",
          "a PDF could not be read: it is protected by a password",
          { plugin: "pdf", problem: "encrypted", message: 0 },
        ],
        [
          "plugin",
          "no text was found in a PDF of 1 page: it is probably a scan",
          { plugin: "pdf", problem: "no_text", message: 1 },
        ],
      ],
    );
  });
});

test("the limits are the owner's; who reads PDFs a request may say for itself", async (t) => {
  const claude = await upstream(t, "anthropic");
  const router = await routerWith(t, [claude], "enabled = false\nmax_pages = 1");
  const body = QUESTION.anthropic(data);
  const asText = await ask(router, { ...body, plugins: [{ id: "pdf", native: [] }] }, "/v1/messages");
  equal(asText.status, 200);
  const source = {
    type: "text",
    media_type: "text/plain",
    data: `${TEXT.split("\n\n[page 2]")[0]}\n\n[page 2 left out]`,
  };
  deepEqual(objectsOf(objectsOf(claude.last().body["messages"])[0]?.["content"])[1], {
    type: "document",
    source,
    title: "prices.pdf",
  });
  const refused = await ask(router, { ...body, plugins: [{ id: "pdf", max_pages: 500 }] }, "/v1/messages");
  equal(refused.status, 400);
  match(refused.body.toString(), /max_pages: only the router's config may set this/);
});

test("the router answers others while a file is read, since the work is done in another thread", async (t) => {
  const ollama = await upstream(t, "ollama");
  const router = await routerWith(t, [ollama]);
  const long = QUESTION.openai(bombPdf(1).toString("base64"));
  const order: string[] = [];
  const [all, here] = [process.cpuUsage(), process.threadCpuUsage()];
  const asked = ask(router, long).then(() => order.push("answer"));
  await until(() => router.starts().length === 1, "the request to start");
  for (let time = 0; time < 3; time++) {
    equal(await (await fetch(`${router.url}/health`)).text(), "ok");
    order.push("health");
  }
  await asked;
  deepEqual(order, ["health", "health", "health", "answer"]);
  ok(process.threadCpuUsage(here).user < process.cpuUsage(all).user / 2);
});
