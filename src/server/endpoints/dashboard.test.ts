import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { exchange } from "../../../test/support/exchange.ts";
import { type InProcessRouter, startInProcess } from "../../../test/support/in-process.ts";
import { WebPage } from "../web-page.ts";

const KEY = "the key & its <friends>";
const CONFIG = `[server]\ndashboard = true\n[[providers]]\nname = "s"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`;

const ASSETS = /(?:src|href)="(\/dashboard\/assets\/[^"]+)"/g;
const assetsOf = (html: string) => [...html.matchAll(ASSETS)].map(([, url = ""]) => url);

describe("the page", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(CONFIG);
  });
  after(() => router.close());

  test("comes with a policy that lets nothing in and nothing out", async () => {
    const { status, headers, body } = await exchange(`${router.url}/dashboard`);
    equal(status, 200, body.toString());
    const policy = String(headers["content-security-policy"]).split("; ");
    ok(policy.includes("default-src 'none'") && policy.includes("frame-ancestors 'none'"));
    ok(
      policy.includes("script-src 'self'") &&
        policy.includes("style-src 'self'") &&
        policy.includes("connect-src 'self'"),
    );
    deepEqual(
      [headers["x-content-type-options"], headers["referrer-policy"], headers["cache-control"]],
      ["nosniff", "no-referrer", "no-store"],
    );
    const html = body.toString();
    ok(!/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i.test(html), "nothing inline");
    for (const [, url = ""] of html.matchAll(/(?:src|href)="([^"]+)"/g)) ok(url.startsWith("/dashboard/assets/"), url);
    equal(assetsOf(html).length, 3);
  });

  test("its files: typed, zipped for those who can, not sent twice", async () => {
    for (const url of assetsOf((await exchange(`${router.url}/dashboard`)).body.toString())) {
      const plain = await exchange(router.url + url);
      equal(plain.status, 200);
      match(String(plain.headers["content-type"]), /^(text\/javascript|text\/css|image\/svg\+xml)/);
      equal(plain.headers["x-content-type-options"], "nosniff");
      const zipped = await exchange(router.url + url, { headers: { "accept-encoding": "br, gzip" } });
      if (zipped.headers["content-encoding"] === "gzip") ok(gunzipSync(zipped.body).equals(plain.body));
      else ok(zipped.body.equals(plain.body));
      const refused = await exchange(router.url + url, { headers: { "accept-encoding": "br, gzip;q=0" } });
      equal(refused.headers["content-encoding"], undefined);
      const again = await exchange(router.url + url, { headers: { "if-none-match": String(plain.headers.etag) } });
      deepEqual([again.status, again.body.length], [304, 0]);
      const proxied = { "if-none-match": `"other", W/${plain.headers.etag}` };
      equal((await exchange(router.url + url, { headers: proxied })).status, 304);
    }
  });

  test("no other file can be had", async () => {
    for (const name of ["x.js", "../index.html", "..%2findex.html", "%2e%2e/index.html", "__proto__"])
      equal((await exchange(`${router.url}/dashboard/assets/${name}`)).status, 404, name);
  });
});

describe("the page of a router with a key", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(CONFIG.replace("[[", 'api_key_env = "KEY"\n[['), { env: { KEY } });
  });
  after(() => router.close());

  test("without it browsers get a form, programs an error; a wrong one is no better", async () => {
    const program = await exchange(`${router.url}/dashboard`);
    equal(program.status, 401);
    match(program.body.toString(), /missing or wrong API key/);
    for (const query of ["", "?api_key=wrong"]) {
      const { status, headers, body } = await exchange(`${router.url}/dashboard${query}`, {
        headers: { accept: "text/html,*/*;q=0.8" },
      });
      equal(status, 401);
      match(body.toString(), /<form method="get" action="\/dashboard">/);
      match(body.toString(), /name="api_key"/);
      match(String(headers["content-security-policy"]), /^default-src 'none'; script-src 'sha256-/);
    }
    const data = await exchange(`${router.url}/dashboard/events`, { headers: { accept: "text/html" } });
    match(data.body.toString(), /missing or wrong API key/);
  });

  test("with it the shell hands it on to its files, and to nothing else", async () => {
    const query = `?api_key=${encodeURIComponent(KEY)}`;
    const html = (await exchange(`${router.url}/dashboard${query}`)).body.toString();
    const urls = assetsOf(html);
    equal(urls.length, 3);
    for (const url of urls) {
      ok(url.endsWith(query), url);
      equal((await exchange(router.url + url)).status, 200);
      equal((await exchange(router.url + url.split("?")[0])).status, 401);
    }
    equal(html.split(encodeURIComponent(KEY)).length, 4);
    ok(!html.includes("<friends>"));
  });
});

test("not built: says what to run; built meanwhile or anew: read again", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  t.after(() => rm(folder, { recursive: true }));
  const page = new WebPage(folder);
  equal(await page.shell(), undefined);
  equal(await page.asset("a.js"), undefined);
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "assets", "a.js"), "1");
  await writeFile(join(folder, "index.html"), "one");
  equal(await page.shell(), "one");
  equal((await page.asset("a.js"))?.body.toString(), "1");
  await writeFile(join(folder, "index.html"), "two");
  await utimes(join(folder, "index.html"), 1, 1);
  equal(await page.shell(), "two");
});
