import { setTimeout as pause } from "node:timers/promises";
import { exchange, type RawAnswer } from "../support/exchange.ts";
import { type RunningRouter, startRouter, type Weakening } from "../support/router.ts";
import { httpAnswer, startTcpUpstream, type TcpUpstream } from "../support/tcp-upstream.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { chatDialect } from "../support/upstream/upstream.ts";
import { loneAttacks } from "./program.ts";

// A name that holds a line end becomes a header, one that holds `../` another address (fasthttp let CR and NUL through), and one in Chinese
// an error 500, since Node throws on it. Names are those of models, tools, users, sessions and fields; the provider's side is a TCP
// server, which sees the very bytes. It has to see the head that it sees of a harmless name, and no other line.

const NAMES: readonly string[] = [
  "m\r\nx-evil: 1",
  "m\n\nGET /evil HTTP/1.1\r\n\r\n",
  "m\0evil",
  "\u001b[31mevil",
  "模型",
  "😀",
  "é",
  "half \ud800 a character",
  "\u2028line",
  "..",
  "../../evil",
  "a/../evil",
  "m?evil=1",
  "m#evil",
  "m&key=evil",
  "%2f..%2fevil",
  "m%0d%0ax-evil:%201",
  "m:evil",
  "tunedModels/m?evil",
  " m ",
  '"m", "evil"',
  "evil".repeat(16 * 1024),
];

interface Client {
  format: UpstreamFormat;
  path(name: string): string;
  body(name: string): object;
}

const user = [{ role: "user", content: "hi" }];
const parameters = { type: "object", properties: {} };
const CLIENTS: readonly Client[] = [
  {
    format: "openai",
    path: () => "/v1/chat/completions",
    body: (name) => ({
      model: name,
      user: name,
      prompt_cache_key: name,
      tools: [{ type: "function", function: { name, parameters } }],
      messages: [{ role: "user", content: "hi", name }],
      [name]: 1,
    }),
  },
  {
    format: "anthropic",
    path: () => "/v1/messages",
    body: (name) => ({
      model: name,
      max_tokens: 9,
      metadata: { user_id: name },
      tools: [{ name, input_schema: parameters }],
      messages: user,
      [name]: 1,
    }),
  },
  {
    format: "openai-responses",
    path: () => "/v1/responses",
    body: (name) => ({
      model: name,
      user: name,
      prompt_cache_key: name,
      tools: [{ type: "function", name, parameters }],
      input: "hi",
      [name]: 1,
    }),
  },
  {
    format: "gemini",
    path: (name) => `/v1beta/models/${encodeURIComponent(name.toWellFormed())}:generateContent`,
    body: (name) => ({
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
      tools: [{ functionDeclarations: [{ name }] }],
      labels: { a: name },
      [name]: 1,
    }),
  },
  {
    format: "ollama",
    path: () => "/api/chat",
    body: (name) => ({
      model: name,
      stream: false,
      tools: [{ type: "function", function: { name, parameters } }],
      messages: user,
      [name]: 1,
    }),
  },
];

const provider = (format: string, base: string) => `[[providers]]
name = "${format}-模型"
format = "${format}"
base_url = "${base}/${format}"
[[routers]]
type = "match"
header = { x-to = "${format}" }
provider = "${format}-模型"
`;
const configFor = (origin: string) => `[server]
port = 0
[failover]
max_attempts = 1
[breaker]
enabled = false
[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
"模型\\r\\nx-evil: 1" = ["hi"]
${UPSTREAM_FORMATS.map((format) => provider(format, origin)).join("")}`;

/** In a header there is no line end to be had; other bytes come as UTF-8, which is no Latin-1. */
const inHeader = (name: string) =>
  `s-${Buffer.from(name.slice(0, 200))
    .toString("latin1")
    .replace(/\p{Cc}/gu, "")
    .trim()}`;

interface Place {
  router: RunningRouter;
  upstream: TcpUpstream;
}

interface Asked {
  path: string;
  to: UpstreamFormat;
  body: object;
  name: string;
}

interface Sent {
  answer: RawAnswer;
  /** What the provider got, without what may differ: the first line, and all others. */
  line: string;
  lines: string;
}

/** Undefined: no answer. */
async function send({ router, upstream }: Place, { path, to, body, name }: Asked): Promise<Sent | undefined> {
  upstream.requests.length = 0;
  const session = inHeader(name);
  const headers = {
    "content-type": "application/json",
    "x-to": to,
    "session-id": session,
    "anthropic-beta": session,
    tracestate: `a=${session}`,
  };
  // Not as a text: Node would write the head in its encoding.
  const asking = exchange(router.url + path, { headers, body: Buffer.from(JSON.stringify(body)) });
  const late = new AbortController();
  const answer = await Promise.race([asking, pause(8_000, undefined, { signal: late.signal })]).finally(() =>
    late.abort(),
  );
  if (answer === undefined) {
    // It ends with the router.
    asking.catch(() => undefined);
    return undefined;
  }
  const [line = "", ...lines] = upstream.requests.flatMap(({ head }) => head);
  const known = lines.map((one) => one.replace(session, "SESSION").replace(/^(content-length: )\d+$/, "$1N"));
  return { answer, line, lines: known.join("\n") };
}

/** What a hostile name changed that it must not. `lineFrom`: of the harmless one, the only first line that the provider may get. */
async function odd(
  place: Place,
  asked: Asked,
  tame: Sent | undefined,
  lineFrom: (line: string) => string,
): Promise<string | undefined> {
  const sent = tame && (await send(place, asked));
  if (sent === undefined || tame === undefined) return `${asked.path.slice(0, 60)}: no answer`;
  const found: string[] = [];
  const line = lineFrom(tame.line);
  if (sent.answer.status !== 200) found.push(`status ${sent.answer.status} ${sent.answer.body.toString()}`);
  else if (sent.line !== line) found.push(`it asked ${sent.line}, not ${line}`);
  else if (sent.lines !== tame.lines) found.push(`the provider got\n${sent.lines}\nand not\n${tame.lines}`);
  const [names, expected] = [sent, tame].map(({ answer }) => Object.keys(answer.headers).sort().join());
  if (names !== expected) found.push(`the answer has the headers ${names}, not ${expected}`);
  const { path, to, name } = asked;
  if (found.length === 0) return undefined;
  return `${path.slice(0, 60)} to ${to}, ${JSON.stringify(name.slice(0, 30))}: ${found.join("\n").slice(0, 2_000)}`;
}

/** A longer address is refused before anything else. */
const NAMES_IN_ADDRESSES = NAMES.map((name) => name.slice(0, 8 * 1024));

function modelIn(name: string): string {
  const [, collection = "models", bare = name] = /^(models|tunedModels)\/(.+)$/s.exec(name) ?? [];
  return `/${collection}/${encodeURIComponent(bare.toWellFormed())}:`;
}

async function chats(place: Place): Promise<string | undefined> {
  for (const { format, path, body } of CLIENTS) {
    for (const to of UPSTREAM_FORMATS) {
      const asked = (name: string) => ({ path: path(name), to, body: body(name), name });
      const tame = await send(place, asked("tame"));
      for (const name of format === "gemini" ? NAMES_IN_ADDRESSES : NAMES) {
        const found = await odd(place, asked(name), tame, (line) => line.replace(modelIn("tame"), () => modelIn(name)));
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

/** Besides chats there are embeddings and counting. */
async function geminiAddresses(place: Place): Promise<string | undefined> {
  const others = [
    { path: "/v1/chat/completions", body: (model: string) => ({ model, messages: user }) },
    { path: "/v1/embeddings", body: (model: string) => ({ model, input: "hi" }) },
    { path: "/v1/messages/count_tokens", body: (model: string) => ({ model, messages: user }) },
  ];
  for (const { path, body } of others) {
    const asked = (name: string) => ({ path, to: "gemini" as const, body: body(name), name });
    const tame = await send(place, asked("tame"));
    for (const name of NAMES) {
      const found = await odd(place, asked(name), tame, (line) => line.replace(modelIn("tame"), () => modelIn(name)));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What the client writes behind `?` goes on to providers of its own API. */
async function queries(place: Place): Promise<string | undefined> {
  for (const { format, path, body } of CLIENTS) {
    const asked = (name: string) => {
      const query = `beta=${encodeURIComponent(name.toWellFormed())}`;
      return { path: `${path("m")}?${query}`, to: format, body: body("m"), name };
    };
    const tame = await send(place, asked("tame"));
    for (const name of NAMES_IN_ADDRESSES) {
      const query = new URLSearchParams({ beta: name.toWellFormed() });
      {
        const found = await odd(place, asked(name), tame, (line) => line.replace("beta=tame", () => query.toString()));
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

const BODIES: Partial<Record<string, object>> = {
  batchEmbedContents: { embeddings: [{ values: [1, 2] }] },
  countTokens: { totalTokens: 3 },
};

/** All that is found odd on the way to a provider that says `ok` to everything. */
async function inPlace(
  weakenings: readonly Weakening[],
  look: (place: Place) => Promise<string | undefined>,
): Promise<string | undefined> {
  const upstream = await startTcpUpstream((socket, { head: [line = ""] }) => {
    const format = UPSTREAM_FORMATS.find((one) => line.startsWith(`POST /${one}/`)) ?? "openai";
    const other = BODIES[/:(\w+) HTTP/.exec(line)?.[1] ?? ""];
    const body = other ?? chatDialect(format).whole({ text: "ok" }, { model: "m", serial: 1, body: {} });
    socket.write(httpAnswer(200, "application/json", JSON.stringify(body), ["x-request-id: 模型"]));
  });
  const router = await startRouter(configFor(upstream.origin), {}, { weakenings });
  try {
    return await look({ router, upstream });
  } finally {
    await router.close();
    await upstream.close();
  }
}

loneAttacks("S18: names that would be headers and addresses", [
  {
    name: "a model in the address of a provider",
    guard: [{ file: "wire/gemini/model-path.ts", from: "encodeURIComponent(name.toWellFormed())", to: "name" }],
    run: (weakenings) => inPlace(weakenings, geminiAddresses),
  },
  {
    name: "names in the headers of an answer, and anywhere in what providers get",
    guard: [
      {
        file: "pipeline/answer/reply.ts",
        from: "const safe = /^[\\x20-\\x7e]*$/.test(value)",
        to: "const safe = true",
      },
    ],
    run: (weakenings) => inPlace(weakenings, chats),
  },
  {
    name: "the query of a client",
    guard: [
      {
        file: "server/endpoints/chat.ts",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source
        from: "`?${kept.toString()}`",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source
        to: "`?${decodeURIComponent(kept.toString())}`",
      },
    ],
    run: (weakenings) => inPlace(weakenings, queries),
  },
]);
