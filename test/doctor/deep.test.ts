import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { CASES } from "../../src/cli/doctor/deep/cases/index.ts";
import { featureTable } from "../../src/cli/doctor/deep/feature-table.ts";
import type { State } from "../../src/cli/doctor/finding.ts";
import { sharedCompiled } from "../support/compiled.ts";
import { type Cleanup, scratch } from "../support/in-process.ts";
import { testProvider } from "../support/provider.ts";
import { type Answer, UPSTREAM_FORMATS } from "../support/upstream/answer.ts";
import { addressOf, type Received, startUpstream, type Upstream } from "../support/upstream/upstream.ts";
import { look } from "./look.ts";
import { wellBehaved } from "./well-behaved.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/doctor.md"), "utf8");
const NAMES = CASES.map(({ name }) => name);
const RULE = '[[routers]]\ntype = "fallback"\n';

async function upstreams(context: Cleanup, script: (request: Received) => Answer, formats = UPSTREAM_FORMATS.slice()) {
  const started = await Promise.all(formats.map((format) => startUpstream(format)));
  for (const one of started) one.answer(script);
  context.after(async () => void (await Promise.all(started.map((one) => one.close()))));
  return started;
}

function configOf(servers: readonly Upstream[], more = ""): string {
  const providers = servers.map(
    ({ format, url }) => `[[providers]]\nname = "${format}"\nformat = "${format}"\nbase_url = "${url}"\n${more}`,
  );
  return `[server]\nport = 0\n${providers.join("")}${RULE}`;
}

/** `failed image: …` of a server that answers so: what is not ok. */
async function troubles(context: Cleanup, script: (request: Received) => Answer) {
  const [server] = await upstreams(context, script, ["openai"]);
  assert.ok(server);
  const looked = await look(context, configOf([server]), { deep: true, json: true, timeoutMs: 5_000 });
  const [row] = looked.result().deep ?? [];
  assert.deepEqual(
    row?.features.map(({ check }) => check),
    NAMES,
  );
  const found = (row?.features ?? []).filter(({ state, check }) => state !== "ok" && check !== "count");
  return { code: looked.code, found: found.map(({ state, check, text }) => `${state} ${check}: ${text}`), row, server };
}

suite("features", { concurrency: true }, () => {
  test("all there with a good model, whatever API it speaks; who leaves has the connection closed", async (context) => {
    const servers = await upstreams(context, wellBehaved);
    const looked = await look(context, configOf(servers, "cost_per_1m_tokens = 1\n"), { deep: true, json: true });
    assert.equal(looked.code, 0, looked.text);
    const { deep = [], spent } = looked.result();
    for (const { provider, features } of deep) {
      const states = features.filter(({ check }) => check !== "count").map(({ check, state }) => `${check} ${state}`);
      assert.deepEqual(
        states,
        NAMES.slice(0, -1).map((name) => `${name} ok`),
        provider,
      );
    }
    const count = deep.map(({ provider, features }) => `${provider} ${features.at(-1)?.state}`);
    assert.deepEqual(count, [
      "openai skipped",
      "openai-responses warning",
      "anthropic ok",
      "gemini ok",
      "ollama skipped",
    ]);
    for (const { format, requests } of servers) {
      assert.equal(requests.length, 9, format);
      assert.deepEqual(
        requests.map(({ aborted }) => aborted),
        [...Array(8).fill(false), true],
        format,
      );
    }
    assert.equal(spent.requests, 45);
    assert.ok(spent.cost.usd !== null && spent.cost.usd > 0 && spent.cost.source === "configured");
  });

  test("the simulated provider has them all", async (context) => {
    const toml = `[server]\nport = 0\n[[providers]]\nname = "sim"\nformat = "simulated"\ntokens_per_s = 1000\n${RULE}`;
    const looked = await look(context, toml, { deep: true });
    assert.equal(looked.code, 0, looked.text);
    assert.match(
      looked.text,
      /Asking 1 provider for features: 8 requests, about \d+ tokens; thinking models\nuse more\./,
    );
    assert.match(looked.text, /\n {2}sim( +✓){9} +-\n/);
    assert.match(looked.text, /\n✓ \d+ ok, 0 warnings, 0 failed, \d+ skipped; spent 9 requests, \d+ \+ \d+ tokens$/);
  });

  test("what a provider refuses is red, and says what that means", async (context) => {
    const refuse = (message: string): Answer => ({ error: { status: 400, message } });
    const { code, found, row } = await troubles(context, (request) => {
      const { body } = request;
      if (body["tools"] !== undefined) return refuse("tools are not supported");
      if (request.raw.includes("image_url")) return refuse("this model takes no images");
      if (body["response_format"] !== undefined) return refuse("response_format is not supported");
      return wellBehaved(request);
    });
    assert.equal(code, 1);
    assert.deepEqual(found, [
      "failed tool: caller (HTTP 400): tools are not supported",
      "failed tools: caller (HTTP 400): tools are not supported",
      "failed result: caller (HTTP 400): tools are not supported",
      "failed json: caller (HTTP 400): response_format is not supported",
      "failed image: caller (HTTP 400): this model takes no images",
    ]);
    const image = row?.features.find(({ check }) => check === "image");
    assert.equal(image?.todo, "images to listed-model are refused: route them to a model that sees (docs/routing.md)");
  });

  test("what the model does not do, or nobody reports, is yellow", async (context) => {
    const { code, found } = await troubles(context, (request) => {
      const isStream = request.body["stream"] === true;
      if (!isStream) return { text: "I am a small model.", usage: { input: 0, output: 0 } };
      const frame = (value: object) => `data: ${JSON.stringify({ id: "1", model: "m", ...value })}\n\n`;
      const content = "1, 2, 3, ".repeat(40);
      const whole = frame({ choices: [{ index: 0, delta: { content }, finish_reason: "stop" }] });
      return { raw: { headers: { "content-type": "text/event-stream" }, chunks: [`${whole}data: [DONE]\n\n`] } };
    });
    assert.equal(code, 0);
    const said = 'it said "I am a small model."';
    assert.deepEqual(found, [
      "warning stream: the answer came in one piece",
      `warning tool: the model called no tool: ${said}`,
      "warning tools: the model called no tool",
      `warning result: it did not use what the tool gave back: ${said}`,
      `warning json: what it answered is no JSON object: ${said}`,
      `warning image: it did not see that the picture is red: ${said}`,
      "warning usage: tokens are not reported",
      "warning cancel: the whole answer was there at once: there was nothing left to cancel",
    ]);
  });

  test("nothing more is asked when a plain request fails, or nothing comes any more", async (context) => {
    let plain = 0;
    const broken = await troubles(context, ({ raw }) =>
      raw.includes("pong") && ++plain > 0 ? { error: { status: 500, message: "broken" } } : { text: "ok" },
    );
    assert.equal(broken.code, 1);
    assert.deepEqual(broken.found[0], "failed plain: target (HTTP 500): broken");
    assert.deepEqual(
      new Set(broken.found.slice(1).map((one) => one.replace(/ \w+:/, ":"))),
      new Set(["skipped: not asked, since the plain request failed"]),
    );
    assert.equal(broken.server.requests.length, 2);
  });

  test("a model that cannot see or call tools, by its provider's word, is not asked to", async (context) => {
    const answers: Record<string, object> = {
      "/api/tags": { models: [{ name: "blind:1b", model: "blind:1b", digest: "a" }] },
      "/api/show": { capabilities: ["completion"] },
      "/api/chat": {
        model: "blind:1b",
        message: { role: "assistant", content: "pong" },
        done: true,
        done_reason: "stop",
      },
    };
    const server = createServer((request, response) => response.end(`${JSON.stringify(answers[request.url ?? ""])}\n`));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    context.after(async () => void server.close());
    const { port } = addressOf(server.address());
    const toml = `[server]\nport = 0\n[[providers]]\nname = "p"\nformat = "ollama"\nbase_url = "http://127.0.0.1:${port}"\n${RULE}`;
    const looked = await look(context, toml, { deep: true, json: true });
    const features = looked.result().deep?.[0]?.features ?? [];
    const skipped = features.filter(({ text }) => /^blind:1b cannot, says its provider/.test(text));
    assert.deepEqual(
      skipped.map(({ check, state }) => `${state} ${check}`),
      ["tool", "tools", "result", "image"].map((name) => `skipped ${name}`),
    );
  });
});

test("the table fits 80 columns with long names, and goes on below where columns are fewer", () => {
  const states: State[] = ["ok", "failed", "warning", "skipped"];
  const row = (name: string, from: number) => ({
    provider: testProvider({ name }),
    model: "m",
    features: NAMES.map((check, at) => ({ check, state: states[(at + from) % 4] ?? "ok", text: "" })),
  });
  const looks = [row("a", 0), row("a-provider-with-a-long-name", 1)];
  const screen = { colour: false, columns: 80 };
  assert.deepEqual(featureTable(looks, screen), [
    "                    plain stream tool tools result json image usage cancel count",
    "  a                   ✓     ✗     !     -     ✓     ✗     !     -     ✓      ✗",
    "  a-provider-with-…   ✗     !     -     ✓     ✗     !     -     ✓     ✗      !",
  ]);
  for (const line of featureTable(looks, screen)) assert.ok(line.length <= 80, `${line.length}: ${line}`);
  const narrow = featureTable(looks, { colour: false, columns: 50 });
  assert.equal(narrow.length, 7);
  for (const line of narrow) assert.ok(line.length <= 50, line);
  const many = featureTable(
    Array.from({ length: 30 }, (_, at) => row(`p${at}`, at)),
    screen,
  );
  assert.equal(many.length, 31);
  assert.ok(featureTable(looks, { colour: true, columns: 80 })[1]?.includes("\u001b[32m✓\u001b[0m"));
});

test("the program itself, in a clean environment, prints what the page shows", async (context) => {
  const folder = await scratch(context);
  const provider =
    '[[providers]]\nname = "sim"\nformat = "simulated"\n[[providers]]\nname = "cloud"\npreset = "openai"\n';
  await writeFile(join(folder, "config.toml"), `[server]\nport = 0\n${provider}${RULE}`);
  const main = join(import.meta.dirname, "../../src/cli/main.ts");
  const child = spawn(process.execPath, [main, "doctor"], {
    cwd: folder,
    env: { PATH: dirname(process.execPath), HOME: folder, ...sharedCompiled() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  await once(child, "close");
  assert.equal(child.exitCode, 0, text);
  assert.deepEqual(comparable(text.trimEnd()), comparable(/```text\n(.*?)\n```/s.exec(PAGE)?.[1] ?? ""));
});

/** Without what differs from machine to machine. */
function comparable(text: string): string[] {
  const lines = text.replace(/\([\d.]+ ms\)/g, "(N ms)").split("\n");
  return lines.slice(1).filter((line) => !/ (?:node|open files) /.test(line));
}

test("the page tells of every feature", () => {
  const section = PAGE.split("\n## Features\n")[1] ?? "";
  assert.deepEqual(
    [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name),
    NAMES,
  );
});
