import { configSchema } from "../../src/config/config.ts";
import { Conversations } from "../../src/conversation/conversations.ts";
import { systemClock } from "../../src/core/clock.ts";
import { Pricing } from "../../src/cost/pricing.ts";
import { Dispatch } from "../../src/pipeline/dispatch.ts";
import { Progress } from "../../src/pipeline/progress.ts";
import { RawKeeper } from "../../src/pipeline/raw/raw-keeper.ts";
import { Guards } from "../../src/pipeline/stages/guards.ts";
import { Underway } from "../../src/pipeline/underway.ts";
import { Feed } from "../../src/record/feed.ts";
import { Metrics } from "../../src/record/metrics/metrics.ts";
import { Recorder } from "../../src/record/recorder.ts";
import { Resilience } from "../../src/resilience/resilience.ts";
import { Chain } from "../../src/routing/chain.ts";
import type { Route } from "../../src/server/call.ts";
import { Lifecycle } from "../../src/server/lifecycle.ts";
import { Overload } from "../../src/server/overload.ts";
import { buildRoutes } from "../../src/server/routes.ts";
import { Fleet } from "../../src/upstream/provider.ts";
import { Transports } from "../../src/upstream/transports.ts";

const nobody = () => Promise.reject(new Error("nobody is there"));

/** The routes of a router that has every route there is, and nothing behind them. */
export function allRoutes(): Route[] {
  const config = configSchema.parse({});
  const transports = new Transports(systemClock, Math.random);
  const feed = new Feed();
  const fleet = new Fleet([]);
  const chain = new Chain([], fleet);
  const resilience = new Resilience(config, systemClock, () => undefined);
  const underway = new Underway();
  const pricing = new Pricing(() => undefined);
  const recorder = new Recorder([feed]);
  const dispatch = new Dispatch({
    underway,
    progress: new Progress(underway, systemClock, () => recorder),
    raw: new RawKeeper(),
    chain,
    classifiers: [],
    classifierDeadlineMs: 1,
    pluginDeadlineMs: 1,
    tools: { http: () => ({ fetch: nobody }), models: () => ({ ask: nobody }) },
    responseClassifiers: [],
    plugins: [],
    guards: new Guards([]),
    transports,
    pricing,
    recorder,
    clock: systemClock,
    random: Math.random,
    failover: config.failover,
    measures: config.routing,
    resilience,
    log: () => undefined,
    strict: false,
    deciding: { digest: "", skipped: new Set() },
    keepAliveMs: 0,
    configVersion: 1,
    contentPolicy: "full",
    conversations: new Conversations(config.conversations, systemClock),
  });
  const parts = {
    dispatch,
    chain,
    fleet,
    transports,
    feed,
    models: () => [],
    bodyLimits: { bytes: 1, items: 1 },
    overload: new Overload(config.overload, systemClock),
    lifecycle: new Lifecycle(),
    router: {
      about: { version: "1.0.0", file: null },
      config,
      startedMs: 0,
      configVersion: 1,
      chain,
      pricing,
      fleet,
      resilience,
      clock: systemClock,
      dispatch,
      models: () => [],
      raw: () => undefined,
    },
    company: {},
    watching: dispatch.parts.progress,
    log: () => undefined,
  };
  return buildRoutes({ ...parts, dashboard: true, metrics: new Metrics() });
}
