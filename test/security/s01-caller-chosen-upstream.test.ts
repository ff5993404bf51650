import { once } from "node:events";
import { createServer } from "node:net";
import { exchange } from "../support/exchange.ts";
import { addressOf } from "../support/upstream/upstream.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";

// A request says itself which server it is to go to, and the provider's key goes along: LiteLLM took `api_base` from the body
// (CVE-2024-6587), Bifrost and 9router had the like. Here nothing a client says makes a connection: the provider's address comes
// from the config alone. So there is no guard to take out; the weakened router obeys whatever address it finds in a request.

const CONFIG = `[failover]
max_attempts = 1
[breaker]
enabled = false
[overload]
max_delay_ms = 0
[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
api_key_env = "KEY"
[[routers]]
type = "fallback"`;

const obeys = [
  {
    file: "server/read-body.ts",
    from: 'req.on("end", () => resolve(',
    to: 'req.on("end", () => (globalThis.chosen = /evil\\.localhost:\\d+/.exec([req.url, req.rawHeaders, ...chunks].join())?.[0], resolve)(',
  },
  {
    file: "upstream/client.ts",
    from: "this.#connections(origin, way)",
    to: 'this.#connections(globalThis.chosen?.replace("evil.localhost", "http://127.0.0.1") ?? origin, way)',
  },
];

/** What programs of this family, their SDKs and proxies in general take for the address of the server. */
const FIELDS = [
  ...["api_base", "base_url", "baseUrl", "baseURL", "apiBase", "api_base_url", "endpoint", "azure_endpoint", "url"],
  ...["host", "custom_host", "customHost", "target", "target_url", "upstream", "upstream_url", "proxy", "proxy_url"],
  ...[
    "aws_bedrock_runtime_endpoint",
    "vertex_location",
    "region_url",
    "server",
    "webhook",
    "callback_url",
    "model_url",
  ],
];
const HEADERS = [
  ...["x-portkey-custom-host", "x-forwarded-host", "x-forwarded-server", "x-original-host", "x-host", "forwarded"],
  ...["x-original-url", "x-rewrite-url", "x-api-base", "x-base-url", "x-endpoint", "x-upstream", "x-target-url"],
  ...["helicone-target-url", "helicone-openai-api-base", "cf-aig-endpoint", "x-litellm-api-base", "x-openai-base-url"],
  ...["x-router-provider", "x-bifrost-base-url", "proxy", "x-http-destinationurl", "destination", "x-azure-endpoint"],
];
const BASES = ["", "http://", "https://", "//", "user:pass@"];

const CHAT = { model: "m", messages: [{ role: "user", content: "hi" }] };
/** One route for each API a client may speak. */
const ROUTES: [path: string, body: object][] = [
  ["/v1/chat/completions", CHAT],
  ["/v1/completions", { model: "m", prompt: "hi" }],
  ["/v1/responses", { model: "m", input: "hi" }],
  ["/v1/messages", { ...CHAT, max_tokens: 5 }],
  ["/v1beta/models/m:generateContent", { contents: [{ role: "user", parts: [{ text: "hi" }] }] }],
  ["/api/chat", { ...CHAT, stream: false }],
  ["/api/generate", { model: "m", prompt: "hi", stream: false }],
  ["/v1/embeddings", { model: "m", input: "hi" }],
  ["/api/embed", { model: "m", input: "hi" }],
];

interface Request {
  path: string;
  body: object;
  headers?: Record<string, string>;
}

/** The requests that made the router connect to the attacker's server; undefined: none did. */
async function reached(
  { router, upstream }: Field,
  requests: (evil: string) => { name: string; request: Request }[],
): Promise<string | undefined> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => undefined).destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  // `evil.localhost` for the attackers' words; the weakened router knows where that is.
  const evil = `evil.localhost:${addressOf(server.address()).port}`;
  upstream.answer({ text: "hello" });
  const successful: string[] = [];
  for (const { name, request } of requests(evil)) {
    const before = connections;
    const { path, body, headers } = request;
    await exchange(router.url + path, { body: JSON.stringify(body), ...(headers && { headers }) });
    if (connections > before) successful.push(name);
  }
  server.close();
  return successful.length === 0 ? undefined : successful.join(", ");
}

function onRoute(path: string, body: object): Attack[] {
  return [
    {
      name: `${path}: ${FIELDS.length} fields of the body`,
      guard: obeys,
      run: (field) =>
        reached(field, (evil) =>
          FIELDS.map((name, at) => {
            const url = `${BASES[at % BASES.length]}${evil}`;
            const deep = {
              [name]: url,
              config: { [name]: url },
              extra_body: { [name]: url },
              metadata: { [name]: url },
            };
            return { name, request: { path, body: { ...body, ...(at % 2 === 0 ? { [name]: url } : deep) } } };
          }),
        ),
    },
    {
      name: `${path}: ${FIELDS.length} parameters of the query`,
      guard: obeys,
      run: (field) =>
        reached(field, (evil) =>
          FIELDS.map((name) => ({ name, request: { path: `${path}?${name}=http://${evil}/v1`, body } })),
        ),
    },
    {
      name: `${path}: ${HEADERS.length} headers`,
      guard: obeys,
      run: (field) =>
        reached(field, (evil) =>
          HEADERS.map((name, at) => {
            const value = name === "forwarded" ? `host=${evil}` : `${BASES[at % BASES.length]}${evil}`;
            return { name, request: { path, body, headers: { [name]: value } } };
          }),
        ),
    },
  ];
}

const inChat = (name: string, body: (evil: string) => object, path = "/v1/chat/completions"): Attack => ({
  name,
  guard: obeys,
  run: (field) => reached(field, (evil) => [{ name, request: { path, body: { ...CHAT, ...body(evil) } } }]),
});
const content = (...parts: object[]) => ({ messages: [{ role: "user", content: parts }] });

attacks("S1: an upstream the caller chooses", { config: CONFIG, env: { KEY: "upstream-key" } }, [
  ...ROUTES.flatMap(([path, body]) => onRoute(path, body)),
  inChat("the model is an address", (evil) => ({ model: `http://${evil}/v1` })),
  inChat("the model begins with a host", (evil) => ({ model: `${evil}/gpt` })),
  inChat("the model leads out of the path", (evil) => ({ model: `../../../../@${evil}/` })),
  inChat("a provider is brought along", (evil) => ({ provider: { name: "up", base_url: `http://${evil}` } })),
  inChat("an image by address", (evil) => content({ type: "image_url", image_url: { url: `http://${evil}/a.png` } })),
  inChat("a file by address", (evil) => content({ type: "file", file: { file_data: `http://${evil}/a.pdf` } })),
  inChat(
    "an image by address, Anthropic",
    (evil) => ({
      max_tokens: 5,
      ...content({ type: "image", source: { type: "url", url: `http://${evil}/a.png` } }),
    }),
    "/v1/messages",
  ),
]);
