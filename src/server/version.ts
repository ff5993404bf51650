import type { ResponseClassifier } from "../classify/classifier.ts";
import type { ConfiguredClassifier } from "../classify/index.ts";
import type { Config } from "../config/config.ts";
import { decidingDigest } from "../config/deciding.ts";
import type { Clock, Random } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Tracing } from "../core/trace-context.ts";
import type { Pricing } from "../cost/pricing.ts";
import { Dispatch } from "../pipeline/dispatch.ts";
import { modelTool } from "../pipeline/small/ask-model.ts";
import type { ConfiguredPlugin } from "../pipeline/stages/active-plugins.ts";
import { Guards } from "../pipeline/stages/guards.ts";
import type { Feed } from "../record/feed.ts";
import type { Metrics } from "../record/metrics/metrics.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Chain } from "../routing/chain.ts";
import type { Store } from "../store/store.ts";
import { listModels } from "../upstream/model-list.ts";
import type { Fleet } from "../upstream/provider.ts";
import { Guard, type ServerKeys } from "./auth.ts";
import type { About, RouterRouteParts } from "./endpoints/router/parts.ts";
import type { Lasting } from "./lasting.ts";
import type { ReceiveLimits } from "./limits.ts";
import { PageGuard } from "./page-guard.ts";
import { RouterTable } from "./router-table.ts";
import { buildRoutes } from "./routes.ts";

/** Classifiers and plugins. */
export interface Stages {
  readonly classifiers: readonly ConfiguredClassifier[];
  readonly responseClassifiers: readonly ResponseClassifier[];
  readonly plugins: readonly ConfiguredPlugin[];
  /** Lets go of those that `besides` does not go on with. Never rejects. */
  close(besides: Stages | undefined): Promise<void>;
}

/** What a router is made of; built by the composition root, anew for each config. */
export interface RouterParts {
  config: Config;
  /** The router's own. */
  keys: ServerKeys;
  fleet: Fleet;
  chain: Chain;
  stages: Stages;
  recorder: Recorder;
  pricing: Pricing;
  feed: Feed;
  /** Served at /metrics where the config says so. */
  metrics: Metrics;
  /** Absent: nothing is sent. */
  telemetry?: { readonly lost: number };
  /** What was; absent: neither a log nor the dashboard is on. */
  store?: Store | undefined;
  random: Random;
  about: About;
  /** Absent: the config is never read again. */
  reloads?: NonNullable<RouterRouteParts["reloads"]>;
  /** Absent: exchanges are not written to a file. */
  jsonl?: RouterRouteParts["jsonl"];
  /** Absent: the system's. A reload cannot change it. */
  clock?: Clock;
  /** Absent: no traces are kept. */
  tracing?: Tracing | undefined;
  /** The program's own log. */
  programLog: Log;
}

/** A config at work. A request meets one version, from its first byte to the last of its answer. */
export interface Version {
  /** From 1 on. */
  readonly number: number;
  readonly parts: RouterParts;
  readonly table: RouterTable;
  readonly pages: PageGuard;
  readonly guard: Guard;
  readonly limits: ReceiveLimits;
}

/** Builds a version whole; nothing of it is in use yet. */
export function buildVersion(number: number, parts: RouterParts, lasting: Lasting): Version {
  const { config, fleet, chain, feed, programLog: log } = parts;
  const { transports, clock, overload, lifecycle, resilience, company, progress, raw } = lasting;
  const dispatch = buildDispatch(number, parts, lasting);
  const modelList = () => listModels(fleet, chain.rewrites());
  const routes = buildRoutes({
    dispatch,
    chain,
    fleet,
    transports,
    feed,
    models: modelList,
    bodyLimits: { bytes: config.server.max_body_mb * 1024 * 1024, items: config.server.max_body_items },
    dashboard: config.server.dashboard,
    metrics: config.metrics.enabled ? parts.metrics : undefined,
    overload,
    lifecycle,
    company,
    watching: company.watching ?? progress,
    health: resilience.health,
    router: {
      ...parts,
      startedMs: lasting.startedMs,
      configVersion: number,
      resilience,
      clock,
      dispatch,
      models: modelList,
      raw: company.raw ?? ((id) => raw.get(id)),
    },
    log,
  });
  return {
    number,
    parts,
    table: new RouterTable(routes),
    pages: new PageGuard(config.server),
    guard: new Guard(parts.keys),
    limits: config.server,
  };
}

/** What takes requests through the stages of a version. */
export function buildDispatch(number: number, parts: RouterParts, lasting: Lasting): Dispatch {
  const { config, fleet, chain, programLog: log } = parts;
  const { transports, conversations, clock, resilience, underway, progress, raw } = lasting;
  const stages = stagesOf(parts.stages);
  const guards = new Guards(stages.plugins);
  const models = modelTool({
    guards,
    chain,
    transports,
    resilience,
    failover: config.failover,
    clock,
    random: parts.random,
    underway,
  });
  return new Dispatch({
    ...parts,
    ...stages,
    guards,
    transports,
    clock,
    log,
    failover: config.failover,
    measures: config.routing,
    deciding: { digest: decidingDigest(config), skipped: fleet.skipped },
    resilience,
    strict: config.translation.strict,
    classifierDeadlineMs: config.pipeline.classifier_deadline_ms,
    pluginDeadlineMs: config.pipeline.plugin_deadline_ms,
    tools: {
      http: (signal) => ({ fetch: (request) => transports.web.fetch(request, signal) }),
      models,
    },
    keepAliveMs: config.server.keep_alive_s * 1000,
    configVersion: number,
    contentPolicy: config.logging.content,
    conversations,
    underway,
    progress,
    raw,
  });
}

/** Without the means to close them, which requests have no use for. */
function stagesOf({ classifiers, responseClassifiers, plugins }: Stages): Omit<Stages, "close"> {
  return { classifiers, responseClassifiers, plugins };
}
