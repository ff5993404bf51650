import { askRaw, otherThan, SPENDING, spends, statusOf } from "./ask-raw.ts";
import { type Attack, attacks } from "./attacks.ts";

// Open WebUI let in whoever sent an `x-api-key` (CVE-2026-45339), Bifrost asked for the key at `/` alone, LiteLLM remembered keys by
// their first 20 characters (CVE-2026-35030). every-route.test.ts asks all routes with all spellings, places and wrong keys;
// server-keys.test.ts with all holders of keys.

const KEY = "a-key-of-the-router-that-is-long";
const CONFIG = `[server]
port = 0
dashboard = true
api_keys_env = ["A_KEY", "B_KEY"]
[metrics]
enabled = true
${SPENDING}`;
const HOST = "host: localhost";

const twoKeys = { file: "server/auth.ts", from: 'isAmbiguous ? "two keys" : admitted', to: "admitted" };
const anyKey = [{ file: "server/auth.ts", from: "!isRight || (wanted", to: "(wanted" }, twoKeys];
const WRONG = "wrong";
const PLACES: Record<string, { line?: string; headers: string[]; body?: string }> = {
  "authorization: Bearer": { headers: [`authorization: Bearer ${WRONG}`] },
  "x-api-key": { headers: [`x-api-key: ${WRONG}`] },
  "x-goog-api-key": { headers: [`x-goog-api-key: ${WRONG}`] },
  "?api_key=": { line: `POST /v1/chat/completions?api_key=${WRONG}`, headers: [] },
  "?key=": {
    line: `POST /v1beta/models/m:generateContent?key=${WRONG}`,
    headers: [],
    body: `{"contents":[{"role":"user","parts":[{"text":"spend"}]}]}`,
  },
};

const openPaths = {
  file: "server/listener.ts",
  from: "match?.route.open === true ? ANYBODY",
  to: "isOpen(path) ? ANYBODY",
};
const FILE_END = { file: "server/listener.ts", from: "/** What is not there is nobody's. */" };
/** A guard that goes by what a path starts with, before a table that goes by what it means. */
const goesByPath = [
  openPaths,
  { ...FILE_END, to: 'const isOpen = (path: string) => path.startsWith("/health");' },
  {
    file: "server/listener.ts",
    from: 'const match = table.find(req.method ?? "GET", path);',
    to: 'const match = table.find(req.method ?? "GET", new URL(path.replaceAll("%2f", "/"), "http://x").pathname);',
  },
];
const spelt = (path: string): Attack => ({
  name: `another spelling: ${path}`,
  guard: goesByPath,
  run: (field) => spends(field, { line: `POST ${path}`, headers: [HOST] }),
});

attacks("S4: in without the key", { config: CONFIG, env: { A_KEY: KEY, B_KEY: "another-key-of-the-router" } }, [
  ...Object.entries(PLACES).map(([place, { headers, ...line }]) => ({
    name: `anything in ${place}`,
    guard: anyKey,
    run: (field: Parameters<Attack["run"]>[0]) => spends(field, { ...line, headers: [HOST, ...headers] }),
  })),
  {
    name: "a route that the check forgot",
    guard: [openPaths, { ...FILE_END, to: 'const isOpen = (path: string) => path !== "/";' }],
    run: (field) => otherThan(401, field, [HOST]),
  },
  ...["/health/../v1/chat/completions", "/health/%2e%2e/v1/chat/completions", "/health%2f..%2fv1/chat/completions"].map(
    spelt,
  ),
  {
    name: "a key that begins like a right one",
    guard: { file: "server/auth.ts", from: ".update(key)", to: ".update(key.slice(0, 20))" },
    run: (field) => spends(field, { headers: [HOST, `authorization: Bearer ${KEY.slice(0, 20)}-and-so-on`] }),
  },
  {
    name: "two right keys, of which whoever looks on may have gone by the other",
    guard: twoKeys,
    run: (field) =>
      spends(field, { headers: [HOST, `authorization: Bearer ${KEY}`, "x-api-key: another-key-of-the-router"] }),
  },
  {
    name: "the same header twice, of which whoever looks on may have gone by the other",
    guard: { file: "server/listener.ts", from: "joinDuplicateHeaders: true", to: "joinDuplicateHeaders: false" },
    async run({ router }) {
      const headers = [HOST, `authorization: Bearer ${KEY}`, "authorization: Bearer looked-at"];
      const head = await askRaw(router.url, { line: "GET /v1/models", headers });
      return statusOf(head) === 200 ? head : undefined;
    },
  },
]);
