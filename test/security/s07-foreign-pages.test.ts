import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { inProcess } from "../support/in-process.ts";
import { askRaw, otherThan, type RawAsk, SPENDING, spends, statusOf } from "./ask-raw.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";

// A page of any site can send requests to this machine: with a form, an image, `fetch`. cc-switch and claude-code-router
// (GHSA-8hmm-4crw-vm2c) spent their users' keys for whoever asked so; opencode (CVE-2026-22812) mended CORS alone, which keeps pages from reading, not from
// sending. What a real browser sends is tried in test/dashboard/; here is what any could send, byte by byte.

const CONFIG = `[server]
port = 0
dashboard = true
[metrics]
enabled = true
${SPENDING}`;
const SHARING = CONFIG.replace("port = 0", 'port = 0\ncors_origins = ["https://app.example"]');
const JSON_TYPE = "content-type: application/json";

/** Nothing was spent, nothing read, and no page was given leave to read. */
async function gets(field: Field, ask: RawAsk): Promise<string | undefined> {
  const spent = await spends(field, ask);
  if (spent !== undefined) return spent;
  const head = await askRaw(field.router.url, ask);
  return statusOf(head) < 400 || /access-control-/i.test(head) ? head : undefined;
}

const page = (guard: Attack["guard"], ...headers: string[]): Attack => ({
  name: headers.filter((header) => header !== JSON_TYPE).join(", "),
  guard,
  run: (field) => gets(field, { headers: ["host: localhost", ...headers] }),
});

const origin = { file: "server/page-guard.ts", from: "hostOf(origin) !== host", to: "false" };
const site = { file: "server/page-guard.ts", from: 'site !== "same-origin" && site !== "none"', to: "false" };
const json = { file: "server/page-guard.ts", from: 'method === "POST" ? notJson', to: "false ? notJson" };
const FORMS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"];

attacks("S7: a page of another origin", { config: CONFIG }, [
  ...[
    ...["https://evil.test", "http://evil.test:8090", "null", "file://", "", "http://localhost.evil.test"],
    ...[
      "http://localhost:3000",
      "http://127.0.0.1",
      "http://evil.test/http://localhost",
      "localhost",
      "http://localhost, null",
    ],
  ].map((from) => page(origin, `origin: ${from}`, JSON_TYPE)),
  ...FORMS.map((type) => page([origin, json], "origin: https://evil.test", `content-type: ${type}`)),
  page([origin, json], "origin: https://evil.test"),
  ...["cross-site", "same-site"].map((where) =>
    page(site, `sec-fetch-site: ${where}`, "sec-fetch-mode: no-cors", JSON_TYPE),
  ),
  page([site, json], "sec-fetch-site: cross-site", "sec-fetch-mode: navigate", `content-type: ${FORMS[1]}`),
  ...FORMS.map((type) => page(json, "origin: http://localhost", `content-type: ${type}`)),
  ...["origin: https://evil.test", "origin: null"].map((header) => ({
    name: `every route there is, ${header}`,
    guard: origin,
    run: (field: Field) => otherThan(403, field, ["host: localhost", header, JSON_TYPE]),
  })),
  {
    name: "every route there is, as an image",
    guard: site,
    run: (field) =>
      otherThan(403, field, ["host: localhost", "sec-fetch-site: cross-site", "sec-fetch-mode: no-cors", JSON_TYPE]),
  },
]);

const anyOrigin = { file: "server/page-guard.ts", from: "this.#origins.has(origin)", to: "true" };
const asks = (...headers: string[]): Attack => ({
  name: `a preflight, ${headers.join(", ")}`,
  guard: anyOrigin,
  run: (field) =>
    gets(field, {
      line: "OPTIONS /v1/chat/completions",
      headers: ["host: localhost", ...headers, "access-control-request-method: POST"],
    }),
});

attacks("S7: leave to read, when another origin has it", { config: SHARING }, [
  ...[
    ...[
      "https://app.example.evil.test",
      "https://evil.test#https://app.example",
      "http://app.example",
      "https://app.example:8443",
    ],
    ...[
      "https://sub.app.example",
      "https://appxexample",
      "https://APP.example",
      "https://app.example/",
      "https://app.example, null",
      "null",
      "*",
    ],
  ].flatMap((from) => [page(anyOrigin, `origin: ${from}`, JSON_TYPE), asks(`origin: ${from}`)]),
  {
    name: "what is the owner's, from the origin that was let in",
    guard: [
      { file: "server/page-guard.ts", from: "!owners && this.shares(origin)", to: "this.shares(origin)" },
      {
        file: "server/listener.ts",
        from: "pages.shares(origin) && match?.route.admin !== true",
        to: "pages.shares(origin)",
      },
    ],
    run: (field) =>
      gets(field, { line: "GET /router/config", headers: ["host: localhost", "origin: https://app.example"] }),
  },
]);

test("the origin that was let in asks, sends and reads; whoever asks from nowhere gets no such headers", async (t) => {
  const router = await inProcess(
    t,
    SHARING.replace('format = "openai"\nbase_url = "{UPSTREAM}"', 'format = "simulated"'),
  );
  const from = ["host: localhost", "origin: https://app.example"];
  const line = "OPTIONS /v1/chat/completions";
  const leave = await askRaw(router.url, { line, headers: [...from, "access-control-request-method: POST"] });
  equal(statusOf(leave), 204);
  match(leave, /^access-control-allow-origin: https:\/\/app\.example\r$/m);
  match(leave, /^access-control-allow-headers: authorization, \*\r$/m);
  equal(router.starts().length, 0);
  const answer = await askRaw(router.url, { headers: [...from, JSON_TYPE, "sec-fetch-site: cross-site"] });
  equal(statusOf(answer), 200);
  match(answer, /^access-control-allow-origin: https:\/\/app\.example\r$/m);
  // Errors too: else the page could not tell what is wrong.
  const missing = await askRaw(router.url, { line: "GET /v1/nothing", headers: from });
  equal(statusOf(missing), 404);
  match(missing, /^access-control-allow-origin: /m);
  equal(/access-control/i.test(await askRaw(router.url, { headers: ["host: localhost", JSON_TYPE] })), false);
});

test("a WebSocket, from wherever: there is nothing in the router that could speak it", async (t) => {
  const router = await inProcess(
    t,
    CONFIG.replace('format = "openai"\nbase_url = "{UPSTREAM}"', 'format = "simulated"'),
  );
  const upgrade = ["host: localhost", "connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"];
  for (const from of [[], ["origin: https://evil.test"]])
    for (const path of ["/v1/responses", "/dashboard/events", "/"]) {
      const head = await askRaw(router.url, { line: `GET ${path}`, headers: [...upgrade, ...from] });
      equal(statusOf(head), 426);
      equal(/access-control/i.test(head), false);
    }
  equal(router.starts().length, 0);
});
