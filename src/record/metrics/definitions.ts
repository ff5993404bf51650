import type { Definition } from "./registry.ts";

/** Seconds. Agents' requests take minutes. */
const DURATION_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const FIRST_TOKEN_S = [0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 25, 50, 100];
const WAIT_S = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
const DELAY_S = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const SPEED = [1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 250, 500, 1000];
/** As OpenTelemetry's conventions for generative AI recommend them. */
const GEN_AI_S = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const GEN_AI_TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

const TARGET = ["provider", "model"] as const;
const ANSWERED = [...TARGET, "error"] as const;
const GEN_AI = ["provider", "gen_ai.request.model", "gen_ai.operation.name", "gen_ai.provider.name"] as const;

type Rest = Pick<Definition, "help" | "labels"> & Partial<Pick<Definition, "prometheus" | "unit">>;

function underscored(name: string): string {
  return name.replaceAll(".", "_");
}

/** Units that are none are left empty: of `1` collectors make `_ratio`. Prometheus's name is made from OpenTelemetry's as collectors make it, so that dashboards fit both. */
function counter(name: string, unit: string, { help, labels, prometheus }: Rest): Definition {
  const seconds = unit === "s" ? "_seconds" : "";
  return {
    name,
    prometheus: prometheus ?? `${underscored(name)}${seconds}_total`,
    type: "counter",
    unit,
    help,
    labels,
  };
}

function gauge(name: string, unit: string, { help, labels, prometheus }: Rest): Definition {
  return { name, prometheus: prometheus ?? underscored(name), type: "gauge", unit, help, labels };
}

function histogram(name: string, unit: string, bounds: readonly number[], rest: Rest): Definition {
  const prometheus = rest.prometheus === undefined ? `${underscored(name)}_seconds` : rest.prometheus;
  return { name, prometheus, type: "histogram", unit, help: rest.help, labels: rest.labels, bounds };
}

/** What the events tell: counted when an exchange is over. */
export const EXCHANGE = {
  requests: counter("router.requests", "{request}", {
    help: "Requests that are over.",
    labels: [...TARGET, "client", "outcome", "error"],
  }),
  errors: counter("router.request.errors", "{request}", {
    help: "Requests that failed, by kind of failure.",
    labels: ["provider", "kind"],
  }),
  duration: histogram("router.request.duration", "s", DURATION_S, {
    help: "How long requests took, from the first byte to the last of the answer.",
    labels: ANSWERED,
  }),
  firstToken: histogram("router.time_to_first_token", "s", FIRST_TOKEN_S, {
    help: "How long streams took to their first content.",
    labels: TARGET,
  }),
  speed: histogram("router.output_tokens", "{token}/s", SPEED, {
    prometheus: "router_output_tokens_per_second",
    help: "How fast streams went on from their first content.",
    labels: TARGET,
  }),
  input: counter("router.tokens.input", "{token}", {
    help: "Tokens of prompts, those from a prompt cache included.",
    labels: ANSWERED,
  }),
  output: counter("router.tokens.output", "{token}", {
    help: "Tokens of answers, thinking included.",
    labels: ANSWERED,
  }),
  cachedRead: counter("router.tokens.cached_read", "{token}", {
    help: "Of the tokens of prompts, those read from a prompt cache.",
    labels: ANSWERED,
  }),
  cacheWrite: counter("router.tokens.cache_write", "{token}", {
    help: "Of the tokens of prompts, those written to a prompt cache.",
    labels: ANSWERED,
  }),
  reasoning: counter("router.tokens.reasoning", "{token}", {
    help: "Of the tokens of answers, those of thinking.",
    labels: ANSWERED,
  }),
  cost: counter("router.cost.usd", "{USD}", {
    help: "US dollars, of requests whose price is known.",
    labels: TARGET,
  }),
  unpriced: counter("router.requests.unpriced", "{request}", {
    help: "Requests that used tokens nobody has a price for: they are not in the cost.",
    labels: TARGET,
  }),
  switches: counter("router.switches", "{switch}", {
    help: "Conversations that moved there from another target.",
    labels: TARGET,
  }),
  uncached: counter("router.tokens.uncached", "{token}", {
    help: "Tokens of their prompts that the target before was expected to have in its prompt cache.",
    labels: TARGET,
  }),
  switchCost: counter("router.switches.usd", "{USD}", {
    help: "US dollars that these cost more for not being cached, where prices are known.",
    labels: TARGET,
  }),
  attempts: counter("router.attempts", "{attempt}", {
    help: "Times a request was sent to a provider, by what became of it.",
    labels: [...TARGET, "outcome"],
  }),
  retries: counter("router.retries", "{attempt}", {
    help: "Further attempts, by the provider that made them necessary: retry, failover, hedge or continuation.",
    labels: ["provider", "kind"],
  }),
  queueWait: histogram("router.queue.wait", "s", WAIT_S, {
    help: "How long attempts waited in a provider's queue, those that did.",
    labels: ["provider"],
  }),
  losses: counter("router.losses", "{loss}", {
    help: "What of requests a provider's API could not express, by field.",
    labels: ["provider", "field", "class"],
  }),
  warnings: counter("router.warnings", "{warning}", {
    help: "What the router did that its owner should know of.",
    labels: ["warning"],
  }),
  breakerOpened: counter("router.breaker.opened", "{time}", {
    help: "Times a provider, or one of its models, was left alone.",
    labels: ["provider"],
  }),
  reloads: counter("router.config.reloads", "{reload}", {
    help: "Times the config was read again: ok or failed; or given up for the one before: rolled_back.",
    labels: ["result"],
  }),
  reloadOk: gauge("router.config.last_reload_successful", "", {
    help: "1 unless the config was read again and not taken over, or given up.",
    labels: [],
  }),
  eventLoopDelay: histogram("router.event_loop.delay", "s", DELAY_S, {
    help: "How late a timer of 100 ms was: how long requests wait for the thread that answers.",
    labels: [],
  }),
  genAiDuration: histogram("gen_ai.client.operation.duration", "s", GEN_AI_S, {
    prometheus: null,
    help: "GenAI operation duration.",
    labels: [...GEN_AI, "error.type"],
  }),
  genAiTokens: histogram("gen_ai.client.token.usage", "{token}", GEN_AI_TOKENS, {
    prometheus: null,
    help: "Number of input and output tokens used.",
    labels: [...GEN_AI, "gen_ai.token.type"],
  }),
  genAiFirstChunk: histogram("gen_ai.client.operation.time_to_first_chunk", "s", GEN_AI_S, {
    prometheus: null,
    help: "Time to receive the first chunk of a stream.",
    labels: GEN_AI,
  }),
} as const;

/** What is looked up when somebody asks. */
export const LIVE = {
  inFlight: gauge("router.requests.in_flight", "{request}", { help: "Requests under way.", labels: [] }),
  providerInFlight: gauge("router.provider.in_flight", "{request}", {
    help: "Requests a provider has.",
    labels: ["provider"],
  }),
  queued: gauge("router.provider.queued", "{request}", {
    help: "Requests that wait for a provider.",
    labels: ["provider"],
  }),
  breaker: gauge("router.breaker.state", "", {
    help: "0 closed, 1 probing, 2 open, 3 asked to be left alone; with a model where that model alone is in trouble.",
    labels: TARGET,
  }),
  alarm: gauge("router.provider.alarm", "", {
    help: "1 for what only the owner can mend, of the last hour: credential, quota, not-found or tls.",
    labels: ["provider", "alarm"],
  }),
  models: gauge("router.provider.models", "{model}", { help: "Models a provider lists.", labels: ["provider"] }),
  rejected: counter("router.rejected", "{request}", {
    help: "Requests that were turned away before they were read: overloaded, malformed, bad_key, foreign_page or stopping.",
    labels: ["reason"],
  }),
  dropped: counter("router.dropped", "{record}", {
    help: "Records that were lost: of the log, the store, telemetry, events of workers; and watchers of the feed that were cut off.",
    labels: ["what"],
  }),
  logOk: gauge("router.log.ok", "", {
    help: "1 while the log of requests is written, where there is one.",
    labels: [],
  }),
  watchers: gauge("router.feed.watchers", "{watcher}", { help: "Who watches the feed.", labels: [] }),
  connections: gauge("router.connections", "{connection}", { help: "Open connections of clients.", labels: [] }),
  configVersion: gauge("router.config.version", "", {
    help: "The version of the config that answers, from 1 on.",
    labels: [],
  }),
  build: gauge("router.build.info", "", { help: "1, with what runs as labels.", labels: ["version", "node"] }),
  cpu: counter("process.cpu.time", "s", {
    prometheus: "process_cpu_seconds_total",
    help: "CPU time of the process, user and system.",
    labels: [],
  }),
  resident: gauge("process.memory.usage", "By", {
    prometheus: "process_resident_memory_bytes",
    help: "Resident memory.",
    labels: [],
  }),
  heap: gauge("v8js.memory.heap.used", "By", {
    prometheus: "nodejs_heap_size_used_bytes",
    help: "Heap in use.",
    labels: [],
  }),
  heapLimit: gauge("v8js.memory.heap.limit", "By", {
    prometheus: "nodejs_heap_size_limit_bytes",
    help: "Heap there may be.",
    labels: [],
  }),
  started: gauge("process.start_time", "s", {
    prometheus: "process_start_time_seconds",
    help: "When the router was started, in seconds since 1970.",
    labels: [],
  }),
} as const;

/** The duration again, in the unit and by the name 0.7.0 had for it. OpenTelemetry only. */
export const DURATION_MS: Definition = {
  ...EXCHANGE.duration,
  name: "router.request.duration_ms",
  prometheus: null,
  unit: "ms",
  help: "How long requests took, in milliseconds.",
  bounds: DURATION_S.map((bound) => bound * 1000),
};
