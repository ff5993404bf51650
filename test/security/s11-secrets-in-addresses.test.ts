import { equal, ok } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { otlpReceiver } from "../support/otlp-receiver.ts";
import { until } from "../support/until.ts";
import { spends } from "./ask-raw.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";
import { loneAttacks, runProgram } from "./program.ts";

// Addresses are kept by everything they pass: proxies, histories, access logs, traces, the next site's `Referer`. LiteLLM had Gemini's
// key in traces of errors, as part of the address (#24902); Bifrost the session's token in that of its WebSocket. Here a client's key
// and a prompt are looked for in each address that the router makes or tells of, and in the headers beside it.

const KEY = "canary-client-key-0123456789";
const PROMPT = "canary-prompt-0123456789";

const closing: (() => Promise<void>)[] = [];
const otlp = await otlpReceiver({ after: (run) => void closing.push(run) });
after(async () => {
  for (const close of closing) await close();
});

const configFor = (format: string) => `[server]
port = 0
dashboard = true
api_key_env = "CLIENT"
[logging]
enabled = true
path = "log.jsonl"
[telemetry]
enabled = true
otlp_endpoint = "${otlp.url}"
[[providers]]
name = "up"
format = "${format}"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"`;

const chat = JSON.stringify({ model: "m", messages: [{ role: "user", content: PROMPT }] });
const contents = JSON.stringify({ contents: [{ role: "user", parts: [{ text: PROMPT }] }] });
const BEARER = { authorization: `Bearer ${KEY}` };

interface Ask {
  target?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** What became of a request, as far as it is an address or stands beside one. */
async function placesAfter({ router, upstream }: Field, ask: Ask): Promise<Record<string, string>> {
  const { target = "/v1/chat/completions", headers = {}, body = chat } = ask;
  const exported = otlp.requests.length;
  upstream.answer({ text: "well" });
  const type = { "content-type": "application/json" };
  const answer = await fetch(router.url + target, { method: "POST", headers: { ...type, ...headers }, body });
  equal(answer.status, 200, await answer.text());
  const id = answer.headers.get("x-router-id") ?? "";
  ok(id !== "");
  const log = () => readFileSync(join(router.folder, "log.jsonl"), "utf8");
  const traces = () => JSON.stringify(otlp.requests.slice(exported));
  await until(() => traces().includes(id), "the trace", 60_000);
  const { path, query, headers: sent } = upstream.last();
  const raw = await (await fetch(`${router.url}/router/exchanges/${id}`, { headers: BEARER })).text();
  const addresses = (text: string) => [...text.matchAll(/"(?:path|url)":"[^"]*"/g)].join();
  ok(addresses(raw) !== "" && log().includes(id));
  return {
    ...Object.fromEntries(Object.entries(sent).map(([name, value]) => [`their ${name}`, String(value)])),
    "their address": path + query,
    "the answer's headers": JSON.stringify([...answer.headers]),
    // The prompt itself belongs there.
    "log file": log().includes(KEY) ? KEY : "",
    "raw view": addresses(raw) + (raw.includes(KEY) ? KEY : ""),
    traces: traces(),
    "program's log": router.logs(),
  };
}

/** Of each router: several attacks look at one request. */
const asked = new WeakMap<object, Map<string, ReturnType<typeof placesAfter>>>();

function askedOnce(field: Field, ask: Ask): ReturnType<typeof placesAfter> {
  const known = asked.get(field.router) ?? new Map();
  asked.set(field.router, known);
  const which = JSON.stringify(ask);
  if (!known.has(which)) known.set(which, placesAfter(field, ask));
  return known.get(which);
}

const PREPARE = "pipeline/attempts/prepare.ts";
/** All at once: a router without them starts once, and each attack says where it succeeds. */
const GUARDS = [
  { file: "server/endpoints/chat.ts", from: '["api_key", "key", ...(dialect', to: "[...(dialect" },
  {
    file: "server/endpoints/chat.ts",
    from: "const { path: at, key } = call;",
    to: "const [at, key] = [call.path + '?' + call.search.toString(), call.key];",
  },
  ...["authorization", "x-api-key", "x-goog-api-key", "cookie", "referer"].map((name) => ({
    file: PREPARE,
    from: `  "${name}",\n`,
    to: "",
  })),
  { file: "pipeline/raw/raw-trace.ts", from: "|^referer$/i", to: "/i" },
  { file: "record/telemetry/spans.ts", from: "this.#options.content && contentAttributes(", to: "contentAttributes(" },
  // Nothing holds these off but that nobody does it.
  {
    file: PREPARE,
    from: "pathWith(half.path(sentModel, exchange.stream), incoming.query)",
    to: "pathWith(half.path(sentModel, exchange.stream), (incoming.query || '?') + '&q=' + encodeURIComponent(incoming.prompt.raw.toString()))",
  },
  {
    file: "pipeline/answer/reply.ts",
    from: '["X-Router-Id", exchange.id,',
    to: '["X-Router-Prompt", headerSafe(exchange.incoming.prompt.raw.toString()), "X-Router-Id", exchange.id,',
  },
];

/** `place`: where key or prompt come to without the guards. With them: nowhere. */
const attack = (name: string, place: string, ask: Ask): Attack => ({
  name: `${name}: ${place}`,
  guard: GUARDS,
  async run(field) {
    const places = Object.entries(await askedOnce(field, ask));
    const found = places.filter(([, text]) => text.includes(KEY) || text.includes(PROMPT)).map(([name]) => name);
    if (found.length > 0) ok(found.includes(place), `found in ${found}, but not where it was looked for`);
    return found.join(", ") || undefined;
  },
});

/** Also in the address of the page that asks. */
const EVERYWHERE = {
  ...BEARER,
  ...{ "x-api-key": KEY, "x-goog-api-key": KEY, cookie: `key=${KEY}` },
  referer: `http://localhost/?q=${PROMPT}&api_key=${KEY}`,
};
const kept = { target: `/v1/chat/completions?api_key=${KEY}` };
const config = { config: configFor("openai"), env: { CLIENT: KEY } };

attacks("S11: a client's key or a prompt, in addresses and what is beside them", config, [
  ...["their address", "raw view"].map((place) => attack("?api_key=", place, kept)),
  attack("?api_key=, spelt otherwise", "their address", { target: `/v1/chat/completions?x=1&%61pi%5Fkey=${KEY}` }),
  attack("?key=, where it is no key", "their address", {
    target: `/v1/chat/completions?key=${KEY}`,
    headers: BEARER,
  }),
  ...["authorization", "x-api-key", "x-goog-api-key", "cookie", "referer"].map((name) =>
    attack("the key in a header", `their ${name}`, { headers: EVERYWHERE }),
  ),
  attack("the address of the page that asks", "raw view", { headers: EVERYWHERE }),
  ...["their address", "the answer's headers", "traces"].map((place) =>
    attack("the prompt", place, { headers: EVERYWHERE }),
  ),
  {
    name: "?key=, in an API whose clients do not write it so",
    guard: { file: "server/auth.ts", from: "GEMINI_PATH.test(path)", to: "true" },
    run: (field) => spends(field, { line: `POST /v1/chat/completions?key=${KEY}`, headers: ["host: localhost"] }),
  },
  {
    name: "?api_key=, in an error",
    guard: {
      file: "server/listener.ts",
      from: "routePath(mark === -1 ? target : target.slice(0, mark))",
      to: "routePath(target)",
    },
    async run({ router }) {
      const answer = await fetch(`${router.url}/v1/nothing?api_key=${KEY}`);
      const said = JSON.stringify([...answer.headers]) + (await answer.text());
      return said.includes(KEY) ? said : undefined;
    },
  },
]);

const gemini = { config: configFor("gemini"), env: { CLIENT: KEY }, dialect: "gemini" } as const;

attacks("S11: the key of Gemini's clients", gemini, [
  ...["/v1beta/models/m", "/v1/models/m", "/models/m", "/v1beta/m"].map((model) =>
    attack(`?key=, ${model}`, "their address", { target: `${model}:generateContent?key=${KEY}&x=1`, body: contents }),
  ),
  attack("?key=", "raw view", { target: `/v1beta/models/m:generateContent?key=${KEY}`, body: contents }),
]);

/** A bug of ours, for the line that tells of it. */
const bug = {
  file: "server/endpoints/models.ts",
  from: "function list(call: Call, models: ModelInfo[]): void {",
  to: "function list(call: Call, models: ModelInfo[]): void { throw new TypeError('a bug');",
};

loneAttacks("S11: the line that tells of a bug", [
  {
    name: "?api_key=, in the program's log",
    guard: [{ file: "server/listener.ts", from: 'req.url?.split("?")[0] ?? "/"', to: 'req.url ?? "/"' }],
    async run(weakenings) {
      const folder = mkdtempSync(join(tmpdir(), "router-test-"));
      const config = configFor("simulated").replace('base_url = "{UPSTREAM}"\n', "");
      writeFileSync(join(folder, "config.toml"), config, { mode: 0o600 });
      const env = { CLIENT: KEY, OPENSOURCELLMROUTER_LOG_LEVEL: "debug" };
      const program = runProgram(folder, [], { weakenings: [bug, ...weakenings], env });
      try {
        const url = await program.listening();
        equal((await fetch(`${url}/v1/models?api_key=${KEY}&q=${PROMPT}`)).status, 500);
        await until(() => program.said().includes("a bug"), "the line that tells of the bug");
        return program.said().includes(KEY) || program.said().includes(PROMPT) ? "it is in the log" : undefined;
      } finally {
        await program.end();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
]);
