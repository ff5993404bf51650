import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser, Page, Request } from "playwright-core";
import { WEB_FOLDER } from "../../src/server/web-page.ts";
import { type Attack, attacks, type Field } from "../security/attacks.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { until } from "../support/until.ts";
import { addressOf } from "../support/upstream/upstream.ts";

// Any page that is open in a browser on this machine reaches every port of it: cc-switch (#1841), claude-code-router
// (GHSA-8hmm-4crw-vm2c) and opencode (CVE-2026-22812) let it spend the user's keys. Here a real browser shows such a page.

const CONFIG = `[server]
port = 0
dashboard = true
[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"`;

const CHAT = JSON.stringify({ model: "m", messages: [{ role: "user", content: "spend" }] });

let browser: Browser;
let site: Server;
/** Where the foreign page is served: under any name, whatever the path. */
let port: number;

before(async () => {
  // Chromium alone has by now a check of its own, which is not ours to count on.
  const unchecked = "--disable-features=LocalNetworkAccessChecks";
  browser = await launchChromium(["--host-resolver-rules=MAP *.test 127.0.0.1", unchecked]);
  site = createServer(({ url }, res) => {
    const sandbox = url === "/sandbox" ? { "content-security-policy": "sandbox allow-scripts" } : {};
    res.writeHead(200, { "content-type": "text/html", ...sandbox }).end("<!doctype html><title>a foreign page</title>");
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  port = addressOf(site.address()).port;
});
after(async () => {
  await browser?.close();
  site?.closeAllConnections();
  site?.close();
});

/** A page's attack: JavaScript that may use `router` (`http://127.0.0.1:PORT`) and `chat`, a request; what it returns was read. */
interface PageAttack {
  readonly script: string;
  /** The page's address; `ROUTER` and `PAGE` are ports, the router's and that of the page's own server. */
  readonly from?: string;
}

/** What came of it: what the page read, whether the provider was asked, what the router answered otherwise than by refusing. */
async function outcomeOf({ script, from }: PageAttack, { router, upstream }: Field): Promise<string | undefined> {
  upstream.answer({ text: "spent" });
  const asked = upstream.requests.length;
  const routerPort = new URL(router.url).port;
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await open(page, (from ?? "http://evil.test:PAGE/").replace("ROUTER", routerPort).replace("PAGE", String(port)));
    const answers = answersTo(page, routerPort);
    const read = await page.evaluate(
      `(async (router, chat) => { ${script} })(${JSON.stringify(router.url)}, ${JSON.stringify(CHAT)})`,
    );
    await until(() => answers.areAll(), "the answers to what the page sent");
    const got = [...(read === undefined || read === null ? [] : [`the page read ${read}`]), ...answers.given];
    if (upstream.requests.length > asked) got.push("the provider was asked");
    return got.length === 0 ? undefined : got.join("; ");
  } finally {
    await context.close();
  }
}

/** The page's own address resolves to its server at first, though the router is what is there afterwards: DNS rebinding. */
async function open(page: Page, url: string): Promise<void> {
  const html = "<!doctype html><title>a foreign page</title>";
  if (new URL(url).port !== String(port))
    await page.route(url, (route) => route.fulfill({ contentType: "text/html", body: html }), { times: 1 });
  await page.goto(url);
}

/** Every answer of the router but refusals, whether the page may read it or not. */
function answersTo(page: Page, routerPort: string): { given: string[]; areAll(): boolean } {
  const given: string[] = [];
  const sent = new Set<Request>();
  const over = new Set<Request>();
  const isToRouter = (request: Request) => new URL(request.url()).port === routerPort;
  page.on("request", (request) => {
    if (isToRouter(request)) sent.add(request);
  });
  page.on("requestfailed", (request) => over.add(request));
  page.on("response", (response) => {
    const request = response.request();
    over.add(request);
    if (!isToRouter(request) || response.status() === 403) return;
    given.push(`${request.method()} ${new URL(request.url()).pathname}: ${response.status()}`);
  });
  return { given, areAll: () => sent.size > 0 && [...sent].every((request) => over.has(request)) };
}

const LISTENER = "server/listener.ts";
const GUARD = "server/page-guard.ts";
/** All of it: what a page sends is told by its origin and by what the browser says of its site. */
const pageGuard = {
  file: LISTENER,
  from: 'this.#served.pages.refusal(req.method ?? "GET", req.headers, match?.route.admin === true)',
  to: "undefined",
};
const siteGuard = {
  file: GUARD,
  from: 'site !== undefined && site !== "same-origin" && site !== "none" && !isFollowed',
  to: "false",
};
/** Browsers keep what they are told is the router's own from other pages, even where those have asked for it. */
const ownGuard = {
  file: "core/answer-headers.ts",
  from: 'const OWN = [...TYPED, "cross-origin-resource-policy", "same-origin"];',
  to: "const OWN = TYPED;",
};
const loadGuard = [siteGuard, ownGuard];
const frameGuard = { file: GUARD, from: ' && headers["sec-fetch-dest"] === "document"', to: "" };
const hostGuard = { file: GUARD, from: "if (!this.#knows(hostName(host)))", to: "if (false)" };
/** Pages of which origins may read answers: those the config names. */
const originsOfConfig = { file: GUARD, from: "this.#origins.has(origin)", to: "true" };
/** And of what is the owner's, none. */
const ownersAlone = [
  pageGuard,
  originsOfConfig,
  { file: LISTENER, from: "&& match?.route.admin !== true) {", to: ") {" },
];

const form = (type: string, name = "chat", value = "''") => `
  const frame = document.createElement("iframe");
  frame.name = "there";
  document.body.append(frame);
  const form = document.body.appendChild(document.createElement("form"));
  Object.assign(form, { method: "post", action: router + "/v1/chat/completions", enctype: "${type}", target: "there" });
  const input = form.appendChild(document.createElement("input"));
  Object.assign(input, { name: ${name}, value: ${value} });
  form.submit();`;

/** Undefined also where the browser does not let it see anything. */
const fetched = (path: string, init: string) => `
  return fetch(router + "${path}", ${init}).then(async (answer) => (answer.ok && (await answer.text())) || undefined, () => undefined);`;

const element = (tag: string, attribute: string, path: string) => `
  const made = document.createElement("${tag}");
  made.rel = "stylesheet";
  made.${attribute} = router + "${path}";
  document.body.append(made);`;

/** What the browser itself would let another page load. */
const asset = (end: string) =>
  `/dashboard/assets/${readdirSync(join(WEB_FOLDER, "assets")).find((name) => name.endsWith(end))}`;

const simple = fetched("/v1/chat/completions", `{ method: "POST", mode: "no-cors", body: chat }`);
const json = fetched(
  "/v1/chat/completions",
  `{ method: "POST", headers: { "content-type": "application/json" }, body: chat }`,
);

const attack = (name: string, guard: Attack["guard"], script: string, from?: string): Attack => ({
  name,
  guard,
  run: (field) => outcomeOf({ script, ...(from !== undefined && { from }) }, field),
});

attacks("S7: a page of another origin, in Chromium", { config: CONFIG }, [
  // A form needs no script, and no leave: JSON is a name of a field, as far as text/plain is concerned.
  attack("form, text/plain", pageGuard, form("text/plain", `chat.slice(0, -1) + ',"x":"'`, `'"}'`)),
  attack("form, urlencoded", pageGuard, form("application/x-www-form-urlencoded")),
  attack("form, multipart", pageGuard, form("multipart/form-data")),
  attack("fetch without CORS", pageGuard, simple),
  attack("beacon", pageGuard, `navigator.sendBeacon(router + "/v1/chat/completions", chat);`),
  attack("fetch with JSON, which is asked for first", originsOfConfig, json),
  attack("fetch that wants to read", ownersAlone, fetched("/router/config", "{}")),
  attack(
    "fetch with a key in a header",
    ownersAlone,
    fetched("/router/config", `{ headers: { "x-api-key": "guess" } }`),
  ),
  attack(
    "XMLHttpRequest",
    originsOfConfig,
    `const xhr = new XMLHttpRequest();
    xhr.open("POST", router + "/v1/chat/completions");
    await new Promise((over) => { xhr.onloadend = over; xhr.send(chat); });
    return xhr.responseText || undefined;`,
  ),
  attack(
    "EventSource on the feed",
    ownersAlone,
    `const feed = new EventSource(router + "/dashboard/events");
    const heard = await new Promise((resolve) => { feed.onopen = () => resolve("the feed"); feed.onerror = () => resolve(); });
    feed.close();
    return heard;`,
  ),
  attack("image", loadGuard, element("img", "src", asset(".svg"))),
  attack("script", loadGuard, element("script", "src", asset(".js"))),
  attack("style sheet", loadGuard, element("link", "href", asset(".css"))),
  attack("iframe of data", frameGuard, element("iframe", "src", "/router/config")),
  attack("iframe of the dashboard", frameGuard, element("iframe", "src", "/dashboard")),
  attack("object", frameGuard, element("object", "data", "/router/config")),
  // Wherever the page is from.
  attack("from another port of this machine", pageGuard, simple, "http://127.0.0.1:PAGE/"),
  attack("from another name of this machine", pageGuard, simple, "http://localhost:PAGE/"),
  attack("from a sandbox, whose origin is null", pageGuard, simple, "http://evil.test:PAGE/sandbox"),
  attack("from a name that begins like this machine's", pageGuard, simple, "http://127.0.0.1.evil.test:PAGE/"),
  // Its name resolves to this machine by now: to the browser the router is the page's own origin.
  attack(
    "rebinding: reading",
    hostGuard,
    `const answer = await fetch("/router/config");
    return answer.ok ? answer.text() : undefined;`,
    "http://evil.test:ROUTER/page",
  ),
]);
