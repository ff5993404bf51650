import type { Status } from "../api/routing.ts";
import type { Env } from "../config/check/providers.ts";
import type { Config, RuleConfig } from "../config/config.ts";
import { isFetched, lacksKey } from "../config/secrets/key-source.ts";
import { Pricing } from "../cost/pricing.ts";
import { Feed } from "../record/feed.ts";
import type { JsonlSink } from "../record/jsonl.ts";
import { Metrics } from "../record/metrics/metrics.ts";
import { Recorder, type Sink } from "../record/recorder.ts";
import { Chain } from "../routing/chain.ts";
import type { RuleKind, RuleTools } from "../routing/define-rule.ts";
import type { Rule } from "../routing/rule.ts";
import { RULE_KINDS } from "../routing/rules/index.ts";
import type { RouterParts } from "../server/version.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import { type BuiltFleet, buildFleet } from "../upstream/build-fleet.ts";
import { PROVIDER_HALVES } from "../wire/registry.ts";
import { Refusal } from "./io.ts";
import { Logs, type LogWriters } from "./logs.ts";
import { Foreign } from "./modules/foreign.ts";
import { readServerKeys } from "./server-keys.ts";
import { StageSet } from "./stage-set.ts";
import { Stores } from "./stores.ts";
import { Telemetry } from "./telemetry/telemetry.ts";
import { VERSION } from "./version.ts";

/** All that a running router is made of. */
export interface Parts extends RouterParts {
  /** Where exchanges are written when logging is enabled; to be closed last. */
  readonly logs: Logs;
  readonly stores: Stores;
  readonly telemetry: Telemetry;
  readonly stages: StageSet;
  /** What the recorder gives events to. */
  readonly sinks: readonly Sink[];
  /** Those of them that every version of the config has. */
  readonly lastingSinks: readonly Sink[];
  /** Absent: exchanges are not written to a file. */
  readonly jsonl?: JoinedLog | undefined;
  /** Absent: this process serves alone. */
  readonly company?: PartsCompany | undefined;
}

/** How a process is one of several. */
export type PartsCompany =
  /** It serves clients; `sink` gives on what others have to be told. */
  | { readonly is: "worker"; readonly sink: Sink }
  /** It joins what the others do. */
  | { readonly is: "primary"; joined(jsonl: JsonlSink): JoinedLog };

/** What several processes write to one log. */
export interface JoinedLog extends Pick<JsonlSink, "written"> {
  readonly state: Status["log"];
}

interface PartsTools
  extends Pick<RouterParts, "random" | "programLog">,
    Partial<Pick<RouterParts, "about" | "reloads">> {
  readonly foreign?: Foreign;
  readonly lastingSinks?: readonly Sink[];
  readonly company?: PartsCompany | undefined;
}

/**
 * Builds the parts a checked config asks for. Throws `Refusal` when it cannot be served. `before`: the parts of the config
 * until now, of which those who watch, the log and providers that stay the same go on.
 */
export function buildParts(
  config: Config,
  env: Env,
  { foreign = Foreign.NONE, lastingSinks = [], company, ...tools }: PartsTools,
  before?: Parts,
): Parts {
  const keys = readServerKeys(config, env);
  const { fleet, skipped } = buildFleet(config.providers, env, PROVIDER_HALVES, before?.fleet);
  if (fleet.all().length === 0) throw noProviderLeft(skipped);
  const stageTools = { random: tools.random, log: tools.programLog, env, foreign };
  const chain = new Chain(buildRules(config, foreign, stageTools), fleet);
  const feed = before?.feed ?? new Feed();
  const logs = before?.logs ?? new Logs(tools.programLog, ...logOf(company, feed));
  const own = logs.of(config.logging);
  const jsonl = company?.is === "primary" && own ? company.joined(own) : own;
  const stores = before?.stores ?? new Stores(tools.programLog);
  const store = company?.is === "worker" ? undefined : stores.of(config, jsonl);
  const metrics = before?.metrics ?? new Metrics();
  const telemetry = before?.telemetry ?? new Telemetry(tools.programLog, metrics);
  const joined = company?.is === "worker" ? [company.sink] : joining(config, { feed, store, metrics, telemetry, env });
  telemetry.knows(fleet.all());
  const written = own && company?.is !== "primary" ? [own] : [];
  // What others want as JSON is made for the log, too.
  const sinks = [...joined, ...written, ...lastingSinks];
  return {
    ...tools,
    config,
    keys,
    fleet,
    chain,
    stages: new StageSet(config, stageTools, before?.stages),
    recorder: new Recorder(sinks),
    sinks,
    lastingSinks,
    company,
    pricing: before?.pricing ?? new Pricing(tools.programLog),
    feed,
    metrics,
    logs,
    stores,
    telemetry,
    tracing: telemetry.tracing(config, env),
    store,
    jsonl,
    about: tools.about ?? { version: VERSION, file: null },
  };
}

/** Who hears of a log that cannot be written, and who writes it. */
function logOf(company: PartsCompany | undefined, feed: Feed): [Recorder, LogWriters] {
  if (company?.is === "worker") return [new Recorder([company.sink]), "several"];
  return [new Recorder([feed]), company ? "others" : "this process"];
}

/** What there is once, however many processes serve. */
function joining(
  config: Config,
  {
    feed,
    store,
    metrics,
    telemetry,
    env,
  }: Pick<Parts, "feed" | "metrics" | "telemetry"> & { store: WorkerStore | undefined; env: Env },
): Sink[] {
  const told = telemetry.of(config, env);
  return [
    feed,
    ...(store?.isTold ? [store] : []),
    ...told,
    ...(config.metrics.enabled && !told.includes(metrics) ? [metrics] : []),
  ];
}

function noProviderLeft(skipped: BuiltFleet["skipped"]): Refusal {
  const missing = skipped.map(
    ({ name, source }) => `  ${name}: ${isFetched(source) ? lacksKey(source) : `${source} is not set`}`,
  );
  const remedy = "Set one of them, for instance in a .env file beside the config.";
  return new Refusal(2, ["no provider is left, each was skipped for want of its key:", ...missing, remedy].join("\n"));
}

/** The rules of a config. Throws a `ConfigError` for one whose module fails. */
export function buildRules({ routers }: Config, foreign: Foreign, tools: RuleTools): Rule[] {
  const kinds = [...RULE_KINDS, ...foreign.kinds.rules];
  return routers.map((rule, index) => foreign.build(["routers", index], () => buildRule(rule, kinds, tools)));
}

function buildRule({ type, module: _, ...settings }: RuleConfig, kinds: readonly RuleKind[], tools: RuleTools): Rule {
  const kind = kinds.find(({ name }) => name === type);
  if (kind === undefined) throw new Error(`a rule of the type ${type} passed the checker, but there is none`);
  return kind.build(settings, tools);
}
