import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { checkView, latestExchange } from "../support/browser/check-view.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { BUSY_CONFIG, indexed, startDashboard } from "../support/browser/dashboard.ts";
import { sendSome, startTraffic } from "../support/browser/traffic.ts";
import type { Cleanup } from "../support/in-process.ts";
import type { RunningRouter } from "../support/router.ts";

/** Providers fail in every way they have, and are left alone in the end. */
const STORM_CONFIG = BUSY_CONFIG.replace("ttft_ms = 40", "errors = [429, 500, 503]\nerror_rate = 0.9");

interface State {
  name: string;
  start(suite: Cleanup): Promise<RunningRouter>;
  /** What is to be read then, by view. */
  shows: Record<"live" | "overview" | "providers" | "routing" | "playground" | "exchange", RegExp>;
  outcome?: string;
}

const STATES: State[] = [
  {
    name: "empty",
    start: (suite) => startDashboard(suite),
    shows: {
      live: /Waiting for the first request/,
      overview: /No requests yet/,
      providers: /near.*far.*broken/s,
      routing: /broken.*far.*poetry.*near/s,
      playground: /Your rules would send this to/,
      exchange: /not known|no exchange|unknown/i,
    },
  },
  {
    name: "busy",
    async start(suite) {
      const router = await startDashboard(suite);
      await sendSome(router.url, 40, { brokenEvery: 40 });
      await indexed(router, 40);
      startTraffic(suite, router.url, { perSecond: 12, brokenEvery: 24, words: 40 });
      return router;
    },
    shows: {
      live: /near-small/,
      overview: /Requests.*near/s,
      providers: /near.*far.*broken/s,
      routing: /far.*poetry.*near/s,
      playground: /Your rules would send this to/,
      exchange: /Timings.*Decision/s,
    },
  },
  {
    name: "storm",
    async start(suite) {
      const router = await startDashboard(suite, STORM_CONFIG);
      startTraffic(suite, router.url, { perSecond: 25, brokenEvery: 2 });
      await indexed(router, 30);
      return router;
    },
    shows: {
      live: /broken/,
      overview: /Errors.*%/s,
      providers: /broken.*503/s,
      routing: /broken/,
      playground: /Your rules would send this to/,
      // Which of its errors it was is chance.
      exchange: /429|500|503|left alone|breaker/,
    },
    outcome: "error",
  },
];

for (const { name, start, shows, outcome } of STATES) {
  describe(`a router that is ${name}`, () => {
    let browser: Browser;
    let router: RunningRouter;
    const closers: (() => Promise<void>)[] = [];
    before(async () => {
      browser = await launchChromium();
      router = await start({ after: (close) => void closers.unshift(close) });
    });
    after(async () => {
      await browser?.close();
      for (const close of closers) await close();
    });

    for (const [view, text] of Object.entries(shows)) {
      test(view, async (context) => {
        const isNobody = view === "exchange" && name === "empty";
        const exchange = isNobody ? "exchanges/nobody" : await latestExchange(router, outcome);
        const place = view === "exchange" ? exchange : view;
        const check = { place, shows: text, name: `${view}-${name}` };
        await checkView(context, browser, router, isNobody ? { ...check, expected: /404/ } : check);
      });
    }
  });
}
