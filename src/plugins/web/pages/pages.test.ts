import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { describe, test } from "node:test";
import type { HttpTool } from "../../../core/stage-tools.ts";
import { textOfHtml } from "./page-thread.ts";
import { pageText, withPages } from "./pages.ts";

describe("pages", () => {
  function httpOf(pages: Record<string, { status?: number; type?: string; text?: string; location?: string }>) {
    const asked: string[] = [];
    const http: HttpTool = {
      fetch({ url, reach, maxBytes }) {
        asked.push(url);
        deepEqual([reach, maxBytes], ["public", 512 * 1024]);
        const page = pages[url];
        if (!page) return Promise.reject(new Error(`${url} is no address on the public internet: not asked`));
        const { status = 200, type = "text/html", text = "", location } = page;
        const headers = { "content-type": type, ...(location !== undefined && { location }) };
        return Promise.resolve({ status, headers, text, json: () => null });
      },
    };
    return { http, asked };
  }

  test("their main text, and nothing of menus and scripts", async () => {
    const html = `<html><head><style>x{}</style><title>t</title></head><body><nav>menu</nav><main><article><h1>Head</h1>
      <p>One <a href="https://x.example">two</a></p><script>alert(1)</script></article></main><footer>foot</footer></body></html>`;
    const { http } = httpOf({ "https://a.example/": { text: html, type: "text/html; charset=utf-8" } });
    const text = await pageText("https://a.example/", http);
    match(text, /^head\s+One two$/i);
  });

  test("redirects are followed one by one, to public addresses, not for ever, and only to text", async () => {
    const { http, asked } = httpOf({
      "http://a.example/": { status: 301, location: "https://a.example/b" },
      "https://a.example/b": { status: 302, location: "/c" },
      "https://a.example/c": { type: "text/plain", text: "plain" },
      "https://loop.example/": { status: 302, location: "https://loop.example/" },
      "https://in.example/": { status: 302, location: "http://169.254.169.254/latest" },
      "https://file.example/": { status: 302, location: "file:///etc/passwd" },
      "https://pdf.example/": { type: "application/pdf" },
      "https://gone.example/": { status: 404 },
    });
    equal(await pageText("http://a.example/", http), "plain");
    equal(asked.length, 3);
    await rejects(pageText("https://loop.example/", http), /again and again/);
    await rejects(pageText("https://in.example/", http), /not asked/);
    await rejects(pageText("https://file.example/", http), /answered 302/);
    await rejects(pageText("https://pdf.example/", http), /application\/pdf, no text/);
    await rejects(pageText("https://gone.example/", http), /answered 404/);
  });

  test("the first so many; what cannot be read keeps the backend's words", async () => {
    const { http, asked } = httpOf({ "https://a.example/": { type: "text/plain", text: "much longer than that" } });
    const found = ["a", "b", "c"].map((name) => ({ url: `https://${name}.example/`, title: name, text: "short" }));
    const read = await withPages(found, { http, count: 2, maxCharacters: 100 });
    deepEqual(
      read.found.map(({ text }) => text),
      ["much longer than that", "short", "short"],
    );
    deepEqual([read.unread.length, asked.length], [1, 2]);
  });

  test("many at once are read one after the other", async () => {
    const read = Array.from({ length: 5 }, (_, at) => textOfHtml(`<p>page ${at}</p>`, 20_000, 20_000));
    deepEqual(await Promise.all(read), ["page 0", "page 1", "page 2", "page 3", "page 4"]);
  });

  test("one that is written to take for ever is given up, while everything else goes on", async () => {
    let turns = 0;
    const turning = setInterval(() => turns++, 5);
    await rejects(textOfHtml("<table><tr><td>x".repeat(30_000), 400), /takes longer than 400 ms/);
    clearInterval(turning);
    ok(turns > 5, `${turns} turns of the event loop`);
  });
});
