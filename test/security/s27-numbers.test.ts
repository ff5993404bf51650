import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asNumber, asObject, objectsOf, tryParseJson } from "../../src/core/json.ts";
import { until } from "../support/until.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";
import { CHATS, post } from "./hostile-bodies.ts";
import { loneAttacks, runProgram } from "./program.ts";

// Counts that are none: at new-api one that overflowed gave its user money back (CVE-2026-71479). Whatever a provider says it took, what
// was spent never falls and stays a number: in the log, the statistics and the metrics. Likewise waits, limits and prices.

/** What stands in an answer for what is put there; sums and differences of them have six digits, too. */
const SAID = { input: 424242, output: 434343, cachedRead: 101010, reasoning: 111111 };
const HOSTILE = ["-1", "1e308", "1e999", '"5"', "null", "[5]", "0.5", "9007199254740993"];

const saying = (value: string) => (text: string) => text.replaceAll(/\b\d{6}\b/g, value);
/** First as it should be, then again, as it should not. */
const sayingTwice = (value: string) => (text: string) => {
  const absurd = saying(value)(text);
  return absurd === text || !/^(?:data|event):/.test(text) ? text : saying("123")(text) + absurd;
};

const guard = [
  { file: "core/usage.ts", from: "number >= 0 && number < ABSURD", to: "true" },
  { file: "core/usage.ts", from: "value > 0 && value < ABSURD ? Math.round(value) : 0", to: "true ? value : 0" },
];

/** A chat by every API the router speaks, whole and streamed, with what else its body may hold. */
const EVERY_WAY = CHATS.flatMap(({ path, json }) => {
  const streamed = path.includes(":generateContent")
    ? { path: path.replace(":generateContent", ":streamGenerateContent"), json }
    : { path, json: json.replace('"stream":false,', "").replace("{", '{"stream":true,') };
  return [{ path, json }, streamed];
});

async function askAll(field: Field, rewrite: (text: string) => string, isCut = false): Promise<void> {
  const quirks = isCut ? { stream: { cut: "reset" as const } } : {};
  field.upstream.answer({ text: "hello there", usage: SAID, rewrite, ...quirks });
  const answers = EVERY_WAY.map(async (asked) => (await post(field, asked)).text());
  await Promise.allSettled(answers);
}

/** The `complete` events of the log, once there are so many. */
async function records({ router }: Field, count: number) {
  const read = async () => {
    const text = await readFile(join(router.folder, "logs/requests.jsonl"), "utf8").catch(() => "");
    return objectsOf(text.split("\n").map((line) => tryParseJson(line) ?? null)).filter(
      ({ type }) => type === "complete",
    );
  };
  await until(async () => (await read()).length >= count, "the log to have them all", 30_000);
  return read();
}

const isAmount = (value: unknown) => typeof value === "number" && value >= 0 && value < 1e12;
const isCount = (value: unknown) => isAmount(value) && Number.isInteger(value);

/** What is wrong in what was recorded. */
function wrongIn(record: ReturnType<typeof objectsOf>[number]): string[] {
  const { reported: _, ...usage } = asObject(record["usage"]) ?? {};
  const usd = asObject(record["cost"])?.["usd"];
  const counts = Object.entries(usage).filter(([, value]) => !isCount(value));
  return [...counts, ...(usd === null || isAmount(usd) ? [] : [["usd", usd]])].map((pair) => JSON.stringify(pair));
}

/** Counters as Prometheus reads them; what is no amount at all is told. */
async function counters({ router }: Field): Promise<Map<string, number>> {
  const text = await (await fetch(`${router.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

const SPENT = /cost|tokens|usage|_total|_sum|_count/;

/** Totals of the statistics, whose time is all there is. */
async function totals({ router }: Field, requests: number) {
  const read = async () => {
    const answer = await fetch(`${router.url}/router/stats?since_ms=1`);
    return asObject(asObject(tryParseJson(await answer.text()))?.["total"]) ?? {};
  };
  await until(
    async () => (asNumber((await read())["requests"]) ?? 0) >= requests,
    "the statistics to have them",
    30_000,
  );
  return read();
}

async function usage(field: Field): Promise<string | undefined> {
  const batches: { value: string; rewrite: (text: string) => string; isCut?: boolean }[] = [
    ...HOSTILE.flatMap((value) => [
      { value, rewrite: saying(value) },
      { value, rewrite: sayingTwice(value) },
    ]),
    { value: "-1, then no end", rewrite: saying("-1"), isCut: true },
    { value: "1e308, then no end", rewrite: saying("1e308"), isCut: true },
  ];
  const found: string[] = [];
  let before = await counters(field);
  for (const { value, rewrite, isCut } of batches) {
    await askAll(field, rewrite, isCut);
    const after = await counters(field);
    for (const [name, now] of after) {
      const fell = SPENT.test(name) && now < (before.get(name) ?? 0);
      if (!Number.isFinite(now) || now < 0 || fell) found.push(`${value}: ${name} ${now}`);
    }
    before = after;
  }
  const count = batches.length * EVERY_WAY.length;
  const all = await records(field, count);
  found.push(...all.flatMap(wrongIn));
  const sums = await totals(field, count);
  for (const name of ["input_tokens", "output_tokens", "cached_read_tokens", "reasoning_tokens", "cost_usd"])
    if (!isAmount(sums[name])) found.push(`total ${name}: ${sums[name]}`);
  return [...new Set(found)].join("\n").slice(0, 2_000) || undefined;
}

const configOf = (format: UpstreamFormat) => `[server]
port = 0
[logging]
enabled = true
[metrics]
enabled = true
[failover]
max_attempts = 1
[breaker]
enabled = false
[[providers]]
name = "up"
format = "${format}"
base_url = "{UPSTREAM}"
prices = { input = 1000, output = 2000, cached_read = 100 }
[[routers]]
type = "fallback"
`;

for (const dialect of UPSTREAM_FORMATS) {
  const list: Attack[] = [{ name: `${dialect} says it took -1, 1e308, "5", nothing, …`, guard, run: usage }];
  attacks(`S27: what ${dialect} says it took`, { config: configOf(dialect), dialect }, list);
}

const TWO = `[server]
port = 0
[failover]
max_attempts = 1
[breaker]
enabled = false
[[providers]]
name = "dear-to-speak"
format = "openai"
base_url = "{UPSTREAM}"
prices = { input = 1, output = 100 }
[[providers]]
name = "even"
format = "openai"
base_url = "{UPSTREAM}"
prices = { input = 90, output = 90 }
[[routers]]
type = "price"
`;

const WAITS = [
  { "retry-after": "-1" },
  { "retry-after": "1000000000" },
  { "retry-after": "1e9" },
  { "retry-after": "NaN" },
  { "retry-after": "9".repeat(400) },
  { "retry-after-ms": "-5" },
  { "retry-after-ms": "Infinity" },
  { "retry-after-ms": "Infinity", "retry-after": "5" },
  { "retry-after": "Thu, 01 Jan 99999 00:00:00 GMT" },
];

/** What the client is told to wait, where that is no time, or longer than a day. */
async function wait(field: Field, headers: Record<string, string>, message: string): Promise<string[]> {
  field.upstream.answer({ error: { status: 429, message, headers } });
  const answer = await post(field, CHATS[0]);
  await answer.text();
  const told = [answer.headers.get("retry-after") ?? "0", answer.headers.get("retry-after-ms") ?? "0"];
  const isSensible = told.every((time, at) => /^\d+$/.test(time) && Number(time) <= 86_400 * 1000 ** at);
  return isSensible ? [] : [`${JSON.stringify(headers)} ${message.slice(0, 40)}: ${told}`];
}

const LIMITS = ["-1", "1e308", "-1e308", '"5"', "0.5", "[5]", "null"];

attacks("S27: waits and limits", { config: TWO }, [
  {
    name: "a provider that asks to be left alone for -1 s, for ever, or for what is no time",
    guard: { file: "core/failure.ts", from: "seconds >= 0 && seconds <= MAX_WAIT_S", to: "true" },
    run: async (field) => {
      const found = [];
      for (const headers of WAITS) found.push(...(await wait(field, headers, "slow down")));
      found.push(...(await wait(field, {}, `Please try again in ${"9".repeat(400)}s`)));
      return found.join("\n") || undefined;
    },
  },
  {
    name: "a limit of -1 that makes what speaks dearly look cheap",
    guard: { file: "cost/expected-cost.ts", from: "max !== undefined && max > 0", to: "max !== undefined" },
    run: async (field) => {
      field.upstream.answer({ text: "ok" });
      const json = CHATS[0].json.replace("{", '{"max_tokens":-1,');
      const answer = await post(field, { ...CHATS[0], json });
      await answer.text();
      const chosen = answer.headers.get("x-router-provider");
      return chosen === "even" ? undefined : `it went to ${chosen}`;
    },
  },
  {
    name: "limits that are none: an error of the router's",
    guard: {
      file: "wire/anthropic/request/fields.ts",
      from: 'typeof value === "number") return value ?? undefined;\n  return refuse(path, "Input should be a valid number");',
      to: 'typeof value === "number") return value ?? undefined;\n  throw new Error(path);',
    },
    run: async (field) => {
      field.upstream.answer({ text: "ok" });
      const found = [];
      for (const { path, json } of EVERY_WAY)
        for (const limit of LIMITS) {
          const fields = ["max_tokens", "max_completion_tokens", "max_output_tokens"].map(
            (name) => `"${name}":${limit}`,
          );
          const more = `${fields},"generationConfig":{"maxOutputTokens":${limit}},"options":{"num_predict":${limit}}`;
          const answer = await post(field, {
            path,
            json: json.replace('"max_tokens":9,', "").replace("{", `{${more},`),
          });
          await answer.text();
          if (answer.status >= 500) found.push(`${path} ${limit}: ${answer.status}`);
        }
      return found.join("\n") || undefined;
    },
  },
]);

loneAttacks(
  "S27: prices that are none",
  ["-1", "nan", "1e300"].map((price) => ({
    name: price,
    guard: [{ file: "config/config.ts", from: "z.number().nonnegative().max(1_000_000)", to: "z.any()" }],
    run: (weakenings) =>
      inFolder(async (folder) => {
        const prices = `prices = { input = ${price}, output = 1 }`;
        const config = `[[providers]]\nname = "p"\nformat = "simulated"\n${prices}\n[[routers]]\ntype = "fallback"\n`;
        await writeFile(join(folder, "config.toml"), config, { mode: 0o600 });
        const program = runProgram(folder, ["check", "config.toml"], { weakenings });
        return (await program.ended) === 0 ? program.said() : undefined;
      }),
  })),
);

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "router-test-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
