import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { inProcess } from "../../test/support/in-process.ts";
import type { Headers } from "../wire/format.ts";
import { PageGuard } from "./page-guard.ts";

const guardOf = (host: string, allowed_hosts: string[] = [], cors_origins: string[] = []) => {
  const guard = new PageGuard({ host, allowed_hosts, cors_origins });
  return {
    refusal: (method: string, headers: Headers, owners = false) => guard.refusal(method, headers, owners)?.code,
  };
};
const here = guardOf("127.0.0.1");
const own = { host: "localhost:8090" };

test("programs notice nothing", () => {
  for (const host of [
    "localhost:8090",
    "127.0.0.1:8090",
    "127.0.0.2",
    "[::1]:8090",
    "LOCALHOST",
    "router.localhost:1",
  ]) {
    assert.equal(here.refusal("POST", { host }), undefined, host);
  }
  assert.equal(here.refusal("POST", {}), undefined, "HTTP/1.0 without a host");
});

test("the router's own page may use it, by whichever of its names it was opened", () => {
  const page = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "content-type": "application/json" };
  assert.equal(here.refusal("POST", { ...own, origin: "http://localhost:8090", ...page }), undefined);
  assert.equal(here.refusal("POST", { host: "[::1]:8090", origin: "http://[::1]:8090", ...page }), undefined);
  const typed = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" };
  assert.equal(here.refusal("GET", { ...own, ...typed }), undefined, "an address typed in");
});

test("pages of other origins are refused, whatever they call themselves", () => {
  const origins = [
    "https://evil.test",
    "null",
    "http://localhost.evil.test:8090",
    "http://localhost:3000",
    "http://evil.test/http://localhost:8090",
    "file://",
    "",
    "localhost:8090",
  ];
  for (const origin of origins) assert.ok(here.refusal("POST", { ...own, origin }), origin);
});

test("requests without an origin are told by what the browser says of their page", () => {
  for (const site of ["cross-site", "same-site"]) {
    assert.ok(here.refusal("GET", { ...own, "sec-fetch-site": site, "sec-fetch-mode": "no-cors" }), site);
    assert.ok(here.refusal("POST", { ...own, "sec-fetch-site": site, "sec-fetch-mode": "navigate" }), "a form");
    const navigated = { ...own, "sec-fetch-site": site, "sec-fetch-mode": "navigate" };
    assert.equal(here.refusal("GET", { ...navigated, "sec-fetch-dest": "document" }), undefined, "a link");
    for (const dest of ["iframe", "frame", "object", "embed", ""])
      assert.ok(here.refusal("GET", { ...navigated, "sec-fetch-dest": dest }), dest);
  }
});

test("names that only resolve to this machine are refused: DNS rebinding", () => {
  for (const host of [
    "evil.test",
    "127.0.0.1.evil.test",
    "localhost.evil.test:8090",
    "evil.test:8090",
    "",
    "0.0.0.0:8090",
  ]) {
    assert.ok(here.refusal("GET", { host }), host);
  }
});

test("a router for other machines takes any name, unless it was told which", () => {
  assert.equal(guardOf("0.0.0.0").refusal("POST", { host: "box.lan:8090" }), undefined);
  const told = guardOf("0.0.0.0", ["Box.lan"]);
  assert.equal(told.refusal("POST", { host: "box.lan:8090" }), undefined);
  assert.ok(told.refusal("POST", { host: "evil.test" }));
  assert.equal(
    guardOf("127.0.0.1", ["host.docker.internal"]).refusal("POST", { host: "host.docker.internal:8090" }),
    undefined,
  );
});

test("refused before any work, on every route but /health, in the API's own shape", async (t) => {
  const router = await inProcess(
    t,
    '[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n',
  );
  const ask = (path: string, headers: Record<string, string>) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const call = request(router.url + path, { method: "POST", headers, agent: false }, (res) => {
        let text = "";
        res.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        res.on("end", () => resolve({ status: res.statusCode, text }));
      });
      call.on("error", reject);
      call.end('{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}');
    });
  for (const path of ["/v1/messages", "/v1/chat/completions", "/api/chat", "/nope"]) {
    const foreign = await ask(path, { origin: "https://evil.test", "content-type": "text/plain" });
    assert.equal(foreign.status, 403, path);
    assert.match(foreign.text, /pages of 'https:\/\/evil\.test' may not use the router/);
    assert.equal((await ask(path, { host: "evil.test" })).status, 403, path);
  }
  assert.equal(router.starts().length, 0);
  assert.equal((await ask("/v1/messages", {})).status, 200);
});
