import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import { type Attack, attacks, type Field } from "../security/attacks.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { hostileConfig, MADE, sayAll } from "../support/browser/hostile-router.ts";
import { openPage } from "../support/browser/watched-page.ts";
import { buildWeakPage } from "../support/browser/weak-page.ts";
import { until } from "../support/until.ts";

// What models, tools, clients and providers say is shown to the owner, whose page may read and do everything: Discourse
// (CVE-2026-27740) and new-api (CVE-2026-25802) ran what a model had answered. Here one text of each kind has gone through every
// field that is stored, and the views are looked at: once as it is, once built so that it takes texts for HTML, without its Content-Security-Policy.

/** Of each kind one whose page can still say what came of it, and that. `hostile-texts.test.ts` has all of them. */
const KINDS: readonly (readonly [text: string, made: RegExp])[] = [
  ["<script src=/pwned.js></script>", /^script$/m],
  ["<img src=x onerror=xss=1>", /^a script ran$/m],
  ["<img src=//evil.test/pixel.png>", /evil\.test\/pixel/],
  ["<svg onload=xss=1>", /^svg onload$/m],
  ["<iframe srcdoc='<script>parent.xss=1</script>'></iframe>", /^a script ran$/m],
  ["<style>@import '/pwned.css'; .nothing { color: red }</style>", /^style$/m],
  ["<form action='javascript:xss=1'><button formaction='javascript:xss=1'>Sign in</button></form>", /^form action=/m],
  ["<a href='javascript:xss=1'>click</a>", /^a href=javascript/m],
  ["JaVaScRiPt:xss=1", /^a href=JaVaScRiPt/m],
  ['" onmouseover="xss=1" x="', /^b onmouseover$/m],
];
const TEXTS = KINDS.map(([text]) => text);

const PROVIDER = `
[[providers]]
name = "up"
format = "anthropic"
base_url = "{UPSTREAM}"
`;
const NAMED = { config: hostileConfig(TEXTS, "{UPSTREAM}"), dialect: "anthropic" } as const;
/** Where each exchange shows what was said in it, and nothing of others. */
const PLAIN = { config: hostileConfig([], "{UPSTREAM}") + PROVIDER, dialect: "anthropic" } as const;

const weakFolder = mkdtempSync(join(tmpdir(), "weak-page-"));
const weakPage = {
  file: "server/web-page.ts",
  from: 'join(import.meta.dirname, "../../web/dist")',
  to: JSON.stringify(weakFolder),
};
const policy = {
  file: "core/answer-headers.ts",
  from: '"no-referrer", "content-security-policy", policy];',
  to: '"no-referrer"];',
};

let browser: Browser;
before(async () => {
  await buildWeakPage(weakFolder);
  browser = await launchChromium(["--host-resolver-rules=MAP evil.test ~NOTFOUND"]);
});
after(async () => {
  await browser?.close();
  rmSync(weakFolder, { recursive: true });
});

/** Of each router: what was said is there once. */
const said = new WeakMap<object, Promise<string[]>>();

function idsOf({ router, upstream }: Field): Promise<string[]> {
  const ids = said.get(router) ?? sayAll(router, upstream, TEXTS);
  said.set(router, ids);
  return ids;
}

/** What texts were made into in a view that shows `told`, on a page of its own: what some of them do to it is not left to others. */
async function madeIn(url: string, view: string, told: string, wanted: RegExp): Promise<string | undefined> {
  const closing: (() => Promise<void>)[] = [];
  const { page, faults, requests } = await openPage({ after: (run) => void closing.push(run) }, browser, url);
  const others = () => requests.map((request) => request.url()).filter((each) => !isOwn(each, url));
  const made = async () => [...(await page.evaluate<string[]>(MADE)), ...faults, ...others()];
  const isThere = async () => (await page.locator("main").getByText(told).count()) > 0;
  try {
    await page.goto(`${url}/dashboard#/${view}`);
    await until(async () => (await isThere()) || (await made()).length > 0, `${told} in ${view}`, 30_000);
    if ((await made()).length === 0) {
      await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
      await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    }
    if ((await made()).length === 0) return undefined;
    // A picture that is not there says so by and by.
    await until(async () => wanted.test((await made()).join("\n")), `${wanted} in ${view}`);
    return (await made()).join("\n");
  } finally {
    for (const run of closing) await run();
  }
}

/** A page of this router's, or a file of it. */
function isOwn(address: string, router: string): boolean {
  const { origin, pathname } = new URL(address);
  return origin === router && /^\/(dashboard|router)\b/.test(pathname);
}

const view = (name: string, told: string): Attack => ({
  name: `all of them, ${name}`,
  guard: [weakPage, policy],
  async run(field) {
    await idsOf(field);
    return madeIn(field.router.url, name, told, /./);
  },
});

attacks("S8: names, tags, rules and what was said, taken for more than text", NAMED, [
  view("live", "word9x"),
  view("providers", "onerror=xss=1"),
  view("routing", "m9-"),
  view("playground?model=m1-x", "Your rules would send this to"),
  ...["provider", "tag", "rule"].map((by) => view(`overview?by=${by}`, "xss")),
]);

/** The answer to it that says it, and the error that says it, in the view of the exchange. */
const exchange = (text: string, at: number, told: RegExp): Attack => ({
  name: JSON.stringify(text),
  guard: [weakPage, policy],
  async run(field) {
    const [answered, failed] = (await idsOf(field)).slice(2 * at);
    const { url } = field.router;
    return (
      (await madeIn(url, `exchanges/${answered}`, `word${at}x`, told)) ??
      (await madeIn(url, `exchanges/${failed}`, `word${at}x`, told))
    );
  },
});

attacks(
  "S8: an exchange, taken for more than text",
  PLAIN,
  KINDS.map(([text, made], at) => exchange(text, at, made)),
);
