import { rawClient } from "../support/raw-client.ts";
import { type Attack, attacks } from "./attacks.ts";
import { type Asked, ask, CHATS, ONE_PROVIDER } from "./hostile-bodies.ts";

// What costs a client little and the router much: nesting, which recursion walks until it has no stack left; objects of very many
// keys, which are parsed and copied slowly; bodies without an end (Traefik CVE-2026-26998). Each body here is refused before it is
// parsed, so that others do not wait. How large and deep it may be: src/server/body-shape.test.ts.

const without = (file: string, condition: string) => ({ file, from: `if (${condition})`, to: "if (false)" });
const guard = [
  without("core/json-shape.ts", "open.push(0) > MAX_DEPTH + 1"),
  without("core/json-shape.ts", "own > MAX_KEYS"),
  without("core/json-shape.ts", "++values > limits.values"),
  { file: "core/json-shape.ts", from: "++items > limits.items", to: "false" },
  without("server/read-body.ts", 'Number(req.headers["content-length"]) > limit'),
  without("server/read-body.ts", "bytes > limit"),
  // Counting keys it would run out of stack, which is answered as well.
  { file: "server/read-body.ts", from: "keysIn(value) === keys ? raw", to: "true ? raw" },
];

const nested = (open: string, inmost: string, close: string) => open.repeat(100_000) + inmost + close.repeat(100_000);
const keys = `{${Array.from({ length: 200_000 }, (_, at) => `"k${at}":1`).join()}}`;
const large = `{"model":"m","messages":[{"role":"user","content":"${"x".repeat(9 << 20)}"}]}`;

/** 60,000 of what each costs some microseconds to read, in all of the APIs' words. */
const many = (item: string) => `[${Array(60_000).fill(item).join()}]`;
const MANY = [
  ["messages", CHATS[0].path, `{"model":"m","messages":${many('{"role":"user","content":"hi"}')}}`],
  [
    "parts",
    CHATS[0].path,
    `{"model":"m","messages":[{"role":"user","content":${many('{"type":"text","text":"x"}')}}]}`,
  ],
  ["messages", CHATS[1].path, `{"model":"m","max_tokens":9,"messages":${many('{"role":"user","content":"hi"}')}}`],
  ["items", CHATS[2].path, `{"model":"m","input":${many('{"role":"user","content":"hi"}')}}`],
  ["parts", CHATS[3].path, `{"contents":[{"role":"user","parts":${many('{"text":"x"}')}}]}`],
  ["messages", CHATS[4].path, `{"model":"m","stream":false,"messages":${many('{"role":"user","content":"hi"}')}}`],
] as const;

/** The body, with one more member of that value. */
const withMore = (name: string, value: string, { path, json }: Pick<Asked, "path" | "json"> = CHATS[0]): Attack => ({
  name: `${path}: ${name}`,
  guard,
  run: (field) => ask(field, { path, json: `${json.slice(0, -1)},"more":${value}}` }),
});

attacks(
  "S17: bodies that are cheap to send and dear to read",
  { config: `[server]\nport = 0\nmax_body_mb = 8\n${ONE_PROVIDER}` },
  [
    ...CHATS.map((chat) => withMore("100,000 lists in one another", nested("[", "", "]"), chat)),
    withMore("100,000 objects in one another", nested('{"a":', "1", "}")),
    ...MANY.map(
      ([what, path, json]): Attack => ({
        name: `${path}: 60,000 ${what}`,
        guard,
        run: (field) => ask(field, { path, json }),
      }),
    ),
    withMore("an object of 200,000 keys", keys),
    withMore("1,500,000 values", `[${"[],".repeat(1_500_000)}0]`),
    {
      name: "9 MB that say so",
      guard,
      run: (field) => ask(field, { path: "/v1/chat/completions", json: large }),
    },
    {
      name: "9 MB that do not say so",
      guard,
      run: async ({ router, upstream }) => {
        upstream.answer({ text: "spent" });
        const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
        const client = await rawClient(router.url, `${head}${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`);
        const said = await client.hears(/HTTP\/1\.1 \d+/);
        client.socket.destroy();
        return said.includes(" 413 ") && upstream.requests.length === 0 ? undefined : said.slice(0, 20);
      },
    },
  ],
);
