import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { launchChromium } from "../support/browser/chromium.ts";
import { openView, startDashboard } from "../support/browser/dashboard.ts";
import { PICTURES } from "../support/browser/pictures.ts";
import { type Asked, DAY, dayConfig, lastDay, PROVIDERS } from "../support/browser/working-day.ts";
import { type Cleanup, scratch } from "../support/in-process.ts";
import { startUpstream } from "../support/upstream/upstream.ts";

/** `PICTURES=docs/pictures node --test test/dashboard/readme.test.ts` makes the pictures of the README. */
test("the pictures of the README", async (context) => {
  const upstreams = await Promise.all(PROVIDERS.map(({ format }) => startUpstream(format)));
  for (const upstream of upstreams) {
    context.after(() => upstream.close());
    upstream.answer((received) => {
      const asked = DAY.find(({ prompt }) => received.raw.includes(prompt));
      return { ...asked?.answer, stream: { paceMs: 60 } };
    });
  }
  const log = join(await scratch(context), "log.jsonl");
  await writeFile(log, lastDay());
  const router = await startDashboard(context, dayConfig(upstreams, log));
  const browser = await launchChromium();
  context.after(() => browser.close());
  const { page, faults } = await openView(context, browser, router, "live", { width: 1200, height: 620 });
  const stop = askOn(context, router.url);
  const live = page.locator(".live-bar");
  await live.filter({ hasText: /1[2-9] done/ }).waitFor({ timeout: 60_000 });
  await take("dashboard.png");
  await page.goto(`${router.url}/dashboard#/overview?range=24h`);
  await page.locator(".groups-table").waitFor();
  await take("dashboard-overview.png");
  await stop();
  assert.deepEqual(faults, []);

  async function take(name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    const path = join(PICTURES, name);
    await page.screenshot({ path });
    assert.ok(statSync(path).size < 200 * 1024, `${name} is ${statSync(path).size} bytes`);
  }
});

/** Sends what the day brings, some at once, until it is stopped. */
function askOn(context: Cleanup, url: string): () => Promise<void> {
  const stopped = new AbortController();
  const workers = Array.from({ length: 3 }, async (_, worker) => {
    for (let turn = worker; !stopped.signal.aborted; turn += 2) {
      const asked = DAY[turn % DAY.length];
      if (asked) await send(url, asked, turn);
      await delay(250 + 90 * worker);
    }
  });
  const stop = async () => {
    stopped.abort();
    await Promise.all(workers);
  };
  context.after(stop);
  return stop;
}

async function send(url: string, { agent, path, model, prompt }: Asked, turn: number): Promise<void> {
  const answer = await fetch(url + path, {
    method: "POST",
    headers: { "user-agent": agent, "x-session-id": `${agent.slice(0, 4)}-${Math.floor(turn / 12) + 1}` },
    body: JSON.stringify({
      model,
      stream: true,
      max_tokens: 2000,
      messages: [{ role: "user", content: prompt }],
      ...(!path.endsWith("messages") && { stream_options: { include_usage: true } }),
    }),
  });
  await answer.text();
}
