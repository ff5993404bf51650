import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { scratch } from "../../../../test/support/in-process.ts";
import { loggedExchange } from "../../../../test/support/logged-exchange.ts";
import { startUpstream, type Upstream } from "../../../../test/support/upstream/upstream.ts";
import type { JsonObject } from "../../../core/json.ts";
import { armsResultSchema } from "../../../replay/arms/result.ts";
import { replayCommand } from "../../commands/replay.ts";
import { Refusal } from "../../io.ts";
import { replayArms } from "./arms.ts";
import type { ArmsArgs } from "./settings.ts";

const KEY = "sk-test-0123456789abcdef";
const ENV = { ANTHROPIC_KEY: KEY };
const READ = { name: "read", arguments: { path: "clock.ts" } };
const TOOL_TURN: JsonObject = {
  messages: [
    { role: "user", content: [{ type: "text", text: "Mend the clock" }] },
    { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "list", input: { folder: "src" } }] },
    { role: "tool", content: [{ type: "tool_result", tool_use_id: "call_1", content: "clock.ts" }] },
  ],
  response: { content: "", stop_reason: "tool_use", tool_calls: [{ id: "call_2", ...READ }], tags: [] },
  tags: ["code"],
};

let openai: Upstream;
let anthropic: Upstream;
let gemini: Upstream;
let other: Upstream;
let folder: string;

before(async () => {
  [openai, anthropic, gemini, other] = await Promise.all([
    startUpstream("openai"),
    startUpstream("anthropic"),
    startUpstream("gemini"),
    startUpstream("openai"),
  ]);
});

after(() => Promise.all([openai, anthropic, gemini, other].map((upstream) => upstream.close())));

async function setUp(t: { after(fn: () => Promise<void>): void }, ...records: JsonObject[]): Promise<void> {
  folder = await scratch(t);
  for (const upstream of [openai, anthropic, gemini, other]) upstream.answer({ text: "It is noon." });
  const priced = "prices = { input = 2, output = 10 }";
  const config = `
[logging]
path = ${JSON.stringify(join(folder, "requests.jsonl"))}
[[providers]]
name = "open"
format = "openai"
base_url = "${openai.url}"
${priced}
[[providers]]
name = "claude"
format = "anthropic"
base_url = "${anthropic.url}"
api_key_env = "ANTHROPIC_KEY"
${priced}
[[providers]]
name = "gem"
format = "gemini"
base_url = "${gemini.url}"
[[providers]]
name = "other"
format = "openai"
base_url = "${other.url}"
[[providers]]
name = "sim"
format = "simulated"
[[providers]]
name = "dear"
format = "openai"
base_url = "https://dear.invalid/v1"
[[providers]]
name = "keyless"
format = "openai"
base_url = "${other.url}"
api_key_env = "NOT_SET"
`;
  const lines = records.map((more) => JSON.stringify(loggedExchange(more).record));
  await Promise.all([
    writeFile(join(folder, "config.toml"), config),
    writeFile(join(folder, "requests.jsonl"), `${lines.join("\n")}\n`),
  ]);
}

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function run(args: Partial<ArmsArgs> & { arms: string }, signal = new AbortController().signal): Promise<Ran> {
  const lines = { out: [] as string[], err: [] as string[] };
  const all: ArmsArgs = {
    sample: undefined,
    "max-usd": undefined,
    "allow-unpriced": false,
    seed: undefined,
    log: undefined,
    config: join(folder, "config.toml"),
    since: undefined,
    filter: undefined,
    json: false,
    html: undefined,
    ...args,
  };
  const io = {
    env: ENV,
    out: (line: string) => void lines.out.push(line),
    err: (line: string) => void lines.err.push(line),
  };
  const code = await replayArms(all, io, signal);
  return { code, out: lines.out.join("\n"), err: lines.err.join("\n") };
}

async function resultOf(args: Partial<ArmsArgs> & { arms: string }, signal?: AbortSignal) {
  const { code, out } = await run({ json: true, ...args }, signal);
  return { code, ...armsResultSchema.parse(JSON.parse(out)) };
}

const asked = () => [openai, anthropic, gemini, other].map(({ requests }) => requests.length);

describe("replay --arms", () => {
  test("asks arms of any API with all the log has, and nobody else; answers stand side by side", async (t) => {
    await setUp(t, TOOL_TURN);
    const call = { toolCalls: [{ id: "call_9", name: "read", args: '{"path":"clock.ts"}' }] };
    openai.answer(call);
    anthropic.answer({ ...call, text: "Let me see.", usage: { input: 300, output: 40 } });
    gemini.answer({ text: "No idea." });
    const { code, exchanges, summary, spent_usd } = await resultOf({
      arms: "open/gpt-5.5,claude/claude-opus-5,gem/gemini-3,sim/sim",
      "max-usd": "1",
    });
    equal(code, 0);
    deepEqual(asked(), [1, 1, 1, 0]);
    const [exchange] = exchanges;
    deepEqual(exchange?.stand_in_tools, ["list", "read"]);
    deepEqual(
      exchange?.arms.map(({ arm, model, outcome, finish, same_tools, same_arguments }) => [
        arm,
        model,
        outcome,
        finish,
        same_tools,
        same_arguments,
      ]),
      [
        ["open/gpt-5.5", "gpt-5.5", "ok", "tool_use", true, true],
        ["claude/claude-opus-5", "claude-opus-5", "ok", "tool_use", true, true],
        ["gem/gemini-3", "gemini-3", "ok", "end_turn", false, false],
        [
          "sim/sim",
          "sim",
          "ok",
          exchange?.arms[3]?.finish,
          exchange?.arms[3]?.same_tools,
          exchange?.arms[3]?.same_arguments,
        ],
      ],
    );
    equal(exchange?.arms[1]?.cost.usd, (300 * 2 + 40 * 10) / 1e6);
    ok(Math.abs(spent_usd - (exchange?.arms ?? []).reduce((sum, { cost }) => sum + (cost.usd ?? 0), 0)) < 1e-9);
    deepEqual(
      summary.map(({ arm }) => arm),
      ["logged", "open/gpt-5.5", "claude/claude-opus-5", "gem/gemini-3", "sim/sim"],
    );
    const { body, headers } = anthropic.last();
    equal(headers["x-api-key"], KEY);
    deepEqual([body["model"], body["max_tokens"]], ["claude-opus-5", 2048]);
    for (const upstream of [openai, anthropic, gemini])
      for (const text of ["Mend the clock", "Be brief.", "clock.ts", '"folder"', "read"])
        ok(upstream.last().raw.includes(text), text);
  });

  test("without --max-usd it says what it would ask and cost, and sends nothing at all", async (t) => {
    await setUp(t, {}, { outcome: "target", response: null });
    const { code, out } = await run({ arms: "open/a,gem,dear" });
    equal(code, 0);
    deepEqual([...asked(), openai.others.length, gemini.others.length], [0, 0, 0, 0, 0, 0]);
    match(out, /Nothing was asked: give --max-usd/);
    match(out, /1 cannot be asked again: it failed/);
    match(out, /open\/a +\d+ +5 +\$0\.0000/);
    match(out, /gem +\d+ +5 +free/);
    match(out, /dear +\d+ +5 +not known/);
  });

  test("what has no known price is asked only when that is allowed; a model of one's own is free", async (t) => {
    await setUp(t, {});
    await rejects(run({ arms: "gem,dear/m", "max-usd": "1" }), (error: unknown) => {
      ok(error instanceof Refusal);
      match(error.message, /nothing was asked: the price of dear\/m is not known.*\n.*--allow-unpriced/);
      return true;
    });
    deepEqual(asked(), [0, 0, 0, 0]);
    const { code, exchanges, spent_usd } = await resultOf({
      arms: "gem,dear/m",
      "max-usd": "0",
      "allow-unpriced": true,
    });
    deepEqual([code, spent_usd, exchanges[0]?.arms.map(({ outcome }) => outcome)], [1, 0, ["ok", "connect"]]);
  });

  test("the cap: no more is asked than fits, answers are held to what is left, and it says so", async (t) => {
    await setUp(t, ...Array.from({ length: 12 }, () => ({})));
    // Prompt and answer are counted as in the log, 20 and 5 tokens: $0.00009 each.
    openai.answer(({ body }) => ({
      text: "noon",
      usage: { input: 20, output: Number(body["max_tokens"]) },
    }));
    const tight = await resultOf({ arms: "open", "max-usd": "0.0003" });
    deepEqual([tight.code, tight.stopped, openai.requests.length], [0, "cap", 1]);
    ok(tight.spent_usd <= 0.0003 && tight.spent_usd > 0.00028);
    openai.answer({ text: "noon", usage: { input: 20, output: 5 } });
    const { stopped, exchanges, spent_usd } = await resultOf({ arms: "open", "max-usd": "0.0003" });
    deepEqual([stopped, exchanges.length, openai.requests.length], ["cap", 3, 3]);
    equal(spent_usd, 0.00027);
    match(
      (await run({ arms: "open", "max-usd": "0.0003" })).out,
      /The cap is reached: 9 exchanges of the sample were not asked\./,
    );
  });

  test("who fails has a row that says how, without the key; who answers nothing makes the exit code 1", async (t) => {
    await setUp(t, { messages: [{ role: "user", content: [{ type: "image", url: "https://a.test/b.png" }] }] });
    anthropic.answer({ error: { status: 401, message: `invalid x-api-key: ${KEY}` } });
    gemini.answer({ raw: { chunks: ["<html>"], headers: { "content-type": "text/html" } } });
    other.answer({ stream: { cut: "reset" }, raw: { status: 500, chunks: ["{}"] } });
    const html = join(folder, "arms.html");
    const { code, exchanges, summary } = await resultOf({ arms: "open,claude,gem,other", "max-usd": "1", html });
    equal(code, 1);
    deepEqual(
      exchanges[0]?.arms.map(({ outcome }) => outcome),
      ["ok", "credential", "malformed", "target"],
    );
    deepEqual(
      summary.map(({ ok: good, failed }) => [good, failed]),
      [
        [1, 0],
        [1, 0],
        [0, 1],
        [0, 1],
        [0, 1],
      ],
    );
    const text = (await run({ arms: "claude", "max-usd": "1" })).out;
    match(text, /failed: credential/);
    for (const told of [text, JSON.stringify(exchanges), await readFile(html, "utf8")]) ok(!told.includes(KEY));
  });

  test("what an API cannot say is not sent there, and what it cannot say as well is told", async (t) => {
    const trace = { sampled: true, parameters: { temperature: 1.5, seed: 7 } };
    await setUp(t, { trace, messages: [{ role: "user", content: [{ type: "image", url: "https://a.test/b.png" }] }] });
    const path = join(folder, "config.toml");
    const config = await readFile(path, "utf8");
    await writeFile(path, `${config}[[providers]]\nname = "llama"\nformat = "ollama"\nbase_url = "${other.url}"\n`);
    const { exchanges, summary } = await resultOf({ arms: "llama,claude", "max-usd": "1" });
    const [llama, claude] = exchanges[0]?.arms ?? [];
    deepEqual([llama?.outcome, llama?.cost.usd, other.requests.length], ["not_sent", 0, 0]);
    match(llama?.error ?? "", /image/);
    equal(claude?.outcome, "ok");
    deepEqual(summary[2]?.losses.map(({ field }) => field).toSorted(), ["seed", "temperature"]);
  });

  test("interrupted: what is under way is let go, and what is there is told", async (t) => {
    await setUp(t, ...Array.from({ length: 12 }, () => ({})));
    const stop = new AbortController();
    openai.answer(() => {
      if (openai.requests.length === 5) stop.abort();
      return { text: "noon" };
    });
    const { code, stopped, exchanges, summary } = await resultOf({ arms: "open", "max-usd": "1" }, stop.signal);
    deepEqual([code, stopped, openai.requests.length], [1, "interrupted", 5]);
    const outcomes = exchanges.flatMap(({ arms }) => arms.map(({ outcome }) => outcome));
    deepEqual(new Set(outcomes), new Set(["ok", "client-gone"]));
    equal(summary[1]?.ok, 4);
  });

  test("only what the filter wants, since when it wants it; the sample follows from the seed", async (t) => {
    const records = Array.from({ length: 30 }, (_, at) => ({ id: `e${at}`, tags: [at < 25 ? "chat" : "code"] }));
    await setUp(t, ...records);
    const ids = async (args: Partial<ArmsArgs>) =>
      (await resultOf({ arms: "gem", "max-usd": "0", sample: "4", ...args })).exchanges.map(({ id }) => id).toSorted();
    const [one, same, another] = [await ids({}), await ids({}), await ids({ seed: "2" })];
    deepEqual(one, same);
    ok(one.join() !== another.join());
    ok((await ids({ filter: "tag:code" })).every((id) => Number(id.slice(1)) >= 25));
    deepEqual(await ids({ since: "2100-01-01" }), []);
  });

  for (const [what, args, message] of [
    ["a provider that is not there", { arms: "opne/x" }, /no provider "opne", did you mean "open"\?/],
    [
      "a provider without its key",
      { arms: "keyless/m" },
      /keyless cannot be asked: its key is missing, the environment variable NOT_SET is not set/,
    ],
    ["the same twice", { arms: "open/a,open/a" }, /"open\/a" twice/],
    ["nobody", { arms: " , " }, /names nobody/],
    ["no number", { arms: "open", sample: "many" }, /--sample must be a whole number/],
    ["no money", { arms: "open", "max-usd": "-1" }, /--max-usd must be US dollars/],
    ["no log", { arms: "open", log: "/nowhere/at/all.jsonl" }, /there is no log at/],
    ["no config", { arms: "open", config: "/nowhere.toml" }, /there is no \/nowhere\.toml/],
  ] as const)
    test(`refused: ${what}`, async (t) => {
      await setUp(t, {});
      await rejects(run(args), (error: unknown) => error instanceof Refusal && message.test(error.message));
    });
});

test("options of asking for real are refused where nobody is named to be asked, and claims where somebody is", async () => {
  const io = { env: {}, out: () => undefined, err: () => undefined };
  const start = async (...words: string[]) => replayCommand.start(words, io);
  await rejects(start("--sample", "3"), /--sample goes with --arms/);
  await rejects(start("--allow-unpriced"), /--allow-unpriced goes with --arms/);
  await rejects(start("--arms", "open", "--assert", "cost <= 1x"), /one at a time/);
});
