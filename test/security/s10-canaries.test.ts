import { ok } from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { otlpReceiver } from "../support/otlp-receiver.ts";
import type { Weakening } from "../support/router.ts";
import { chunk, chunkedHead, httpAnswer, startTcpUpstream, type TcpScript } from "../support/tcp-upstream.ts";
import { until } from "../support/until.ts";
import { type LoneAttack, loneAttacks, runProgram } from "./program.ts";

// Whoever reads a log, a trace, an error or the feed finds a key or a prompt in it: LiteLLM had `Authorization` in its spend logs,
// Traefik in its debug log (CVE-2022-23469). One router with everything on that writes, at the level debug, in front of a provider that
// fails in several ways and says the key and the prompt aloud; then every sink is searched. What each client may see of its own
// request (its prompt in its answer) is no leak. Keys of clients and of the owner, from files and commands: server-keys.test.ts.

const KEY = "canary-key-0123456789";
const PROMPT = "canary-prompt-0123456789";
const CLIENT_KEY = "canary-client-0123456789";

const sse = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content: PROMPT } }] })}\n\n`;
/** The n-th request meets the n-th. */
const FAULTS: TcpScript[] = [
  (socket, { head, body }) =>
    void socket.write(
      httpAnswer(
        401,
        "application/json",
        JSON.stringify({ error: { message: `Incorrect: ${head.join(" ")} ${body}` } }),
      ),
    ),
  (socket, { body }) =>
    void socket.write(httpAnswer(400, "application/json", JSON.stringify({ error: { message: body } }))),
  (socket, { body }) => void socket.write(httpAnswer(200, "application/json", `{"choices": ${body}`)),
  (socket) => void socket.write(chunkedHead("text/event-stream") + chunk(sse), () => socket.destroy()),
  () => undefined,
];

interface Sinks {
  /** What the client got. */
  answers: string;
  /** What the router wrote and sent anywhere else. */
  others: Map<string, string>;
  /** The request lines and headers that the provider got. */
  heads: string;
}

async function everythingSaid(weakenings: readonly Weakening[], content: "none" | "redacted"): Promise<Sinks> {
  const closing: (() => Promise<void>)[] = [];
  const folder = mkdtempSync(join(tmpdir(), "router-test-"));
  const otlp = await otlpReceiver({ after: (run) => void closing.push(run) });
  let asked = 0;
  const upstream = await startTcpUpstream((socket, request, serial) => {
    // Models are asked for, too.
    if (request.head[0]?.startsWith("GET")) socket.write(httpAnswer(404, "application/json", "{}"));
    else FAULTS[asked++ % FAULTS.length]?.(socket, request, serial);
  });
  const config = `[server]
port = 0
dashboard = true
api_key_env = "CLIENT"
[logging]
enabled = true
content = "${content}"
[telemetry]
enabled = true
content = true
otlp_endpoint = "${otlp.url}"
[failover]
max_attempts = 1
[[providers]]
name = "up"
format = "openai"
base_url = "${upstream.origin}/v1"
api_key_env = "KEY"
timeout = { first_byte_ms = 300 }
[[routers]]
type = "fallback"`;
  writeFileSync(join(folder, "config.toml"), config);
  const env = { KEY, CLIENT: CLIENT_KEY, OPENSOURCELLMROUTER_LOG_LEVEL: "debug" };
  const program = runProgram(folder, [], { weakenings, env });
  try {
    const url = await program.listening();
    const headers = { authorization: `Bearer ${CLIENT_KEY}` };
    const feed = listenTo(`${url}/dashboard/events`, headers);
    let answers = "";
    for (const index of FAULTS.keys()) {
      const body = JSON.stringify({ model: "m", stream: index === 3, messages: [{ role: "user", content: PROMPT }] });
      const path = `/v1/chat/completions?api_key=${CLIENT_KEY}`;
      answers += await textOf(fetch(url + path, { method: "POST", body }));
    }
    const log = join(folder, "logs/requests.jsonl");
    const lines = () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0);
    await until(() => lines() >= FAULTS.length, "the records", 60_000);
    await until(() => otlp.spans().length >= FAULTS.length, "the spans", 60_000);
    const others = new Map<string, string>();
    for (const path of ["/router/status", "/router/exchanges", "/router/providers", "/router/config"])
      others.set(path, await textOf(fetch(url + path, { headers })));
    await program.end();
    others.set("feed", await feed);
    others.set("printed", program.said());
    others.set("otlp", JSON.stringify(otlp.requests));
    for (const name of readdirSync(join(folder, "logs")))
      others.set(name, readFileSync(join(folder, "logs", name), "latin1"));
    ok(
      others.has("requests.index.sqlite") && (others.get("feed") ?? "").includes('"complete"'),
      [...others.keys()].join(),
    );
    return { answers, others, heads: upstream.requests.map(({ head }) => head.join("\n")).join("\n") };
  } finally {
    await program.end();
    for (const close of closing) await close();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A stream that breaks off has said what it said. */
async function textOf(asked: Promise<Response>): Promise<string> {
  let text = "";
  try {
    const { body } = await asked;
    for await (const piece of body ?? []) text += Buffer.from(piece).toString("latin1");
  } catch {
    text += "(broken off)";
  }
  return text;
}

/** All that comes until the router ends. */
function listenTo(url: string, headers: Record<string, string>): Promise<string> {
  return textOf(fetch(url, { headers }));
}

const holding = (others: ReadonlyMap<string, string>, canary: string) =>
  [...others].filter(([, text]) => text.includes(canary)).map(([name]) => name);

const list: LoneAttack[] = [
  {
    name: "the provider's key, which the provider says aloud",
    guard: [{ file: "upstream/provider.ts", from: 'clean = clean.replaceAll(secret, "[key]")', to: "clean = clean" }],
    async run(weakenings) {
      const { answers, others } = await everythingSaid(weakenings, "redacted");
      const found = holding(new Map([...others, ["answers", answers]]), KEY);
      return found.length === 0 ? undefined : `the key is in ${found}`;
    },
  },
  {
    name: "the prompt, where none is recorded",
    guard: [
      { file: "record/content-policy.ts", from: "text: () => null,", to: "text: (text) => text," },
      { file: "record/content-policy.ts", from: "OWN_FAULTS.has(kind) ?", to: "true ?" },
    ],
    async run(weakenings) {
      const { others, heads } = await everythingSaid(weakenings, "none");
      // S11: neither is a prompt in any address or header, nor does the key of ?api_key= go on to the provider.
      const found = [...holding(others, PROMPT), ...holding(new Map([["addresses", heads]]), PROMPT)];
      found.push(...holding(new Map([...others, ["addresses", heads]]), CLIENT_KEY));
      return found.length === 0 ? undefined : `it is in ${found}`;
    },
  },
];

loneAttacks("S10: who reads what the router writes", list);
