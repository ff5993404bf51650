import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { seriousFaults } from "../support/browser/axe.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { PICTURES, takePictures } from "../support/browser/pictures.ts";
import { openPage } from "../support/browser/watched-page.ts";
import type { Cleanup } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { addressOf } from "../support/upstream/upstream.ts";

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'";

/** A page of our making, with the dashboard's own CSP. */
async function serve(context: Cleanup, body: string, script = ""): Promise<string> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.writeHead(request.url === "/favicon.ico" ? 204 : 200, {
      "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8",
      "content-security-policy": CSP,
    });
    const html = `<!doctype html><html lang="en"><title>t</title><script defer src="/script.js"></script>${body}`;
    response.end(isScript ? script : html);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${addressOf(server.address()).port}`;
}

describe("what the tests of the page would see", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  test("a page that does nothing wrong has no fault", async (context) => {
    const url = await serve(context, "<main><h1>Well</h1></main>", "document.title = 'ran'");
    const { page, faults, requests } = await openPage(context, browser, url);
    await page.goto(url);
    await until(async () => (await page.title()) === "ran", "the script to run");
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
    assert.ok(requests.some((request) => request.url() === `${url}/script.js`));
  });

  for (const [what, body, script, seen] of [
    ["an inline script", "<main><script>globalThis.xss = 1</script></main>", "", /^console: .*CSP: script-src-elem/],
    ["an inline handler", '<main><img alt="" src="data:," onerror="xss()"></main>', "", /CSP: script-src-attr/],
    ["an inline style", '<main style="color: red">x</main>', "", /CSP: style-src-attr/],
    [
      "a request to elsewhere",
      "<main></main>",
      "fetch('http://127.0.0.1:1/').catch(() => 0)",
      /asked another origin|CSP: connect/,
    ],
    ["an exception", "<main></main>", "throw new Error('broke')", /^uncaught: broke/],
    ["a console error", "<main></main>", "console.error('told')", /^console: told/],
    ["a dialog", "<main></main>", "alert('hello')", /^a dialog: hello/],
  ] as const) {
    test(`${what} is a fault`, async (context) => {
      const url = await serve(context, body, script);
      const { page, faults } = await openPage(context, browser, url);
      await page.goto(url);
      await until(() => faults.some((fault) => seen.test(fault)), `${what} among ${JSON.stringify(faults)}`, 5000);
    });
  }

  test("what cannot be read or named is a fault of accessibility", async (context) => {
    const url = await serve(context, "<main><button></button></main>");
    const { page } = await openPage(context, browser, url);
    await page.goto(url);
    assert.match((await seriousFaults(page)).join("\n"), /^button-name .*<button><\/button>/);
  });

  test("pictures are taken wide and narrow, light and dark", async (context) => {
    const url = await serve(context, "<main><h1>Well</h1></main>");
    const { page } = await openPage(context, browser, url);
    await page.goto(url);
    await takePictures(page, "harness");
    for (const which of ["wide-light", "wide-dark", "phone-light", "phone-dark"])
      assert.ok(existsSync(join(PICTURES, `harness-${which}.png`)), which);
  });
});
