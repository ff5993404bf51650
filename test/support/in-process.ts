import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import type { Classifier, ResponseClassifier } from "../../src/classify/classifier.ts";
import type { Foreign } from "../../src/cli/modules/foreign.ts";
import { buildParts, type Parts } from "../../src/cli/parts.ts";
import type { StageSet } from "../../src/cli/stage-set.ts";
import { configSchema } from "../../src/config/config.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { ConfiguredPlugin } from "../../src/pipeline/stages/active-plugins.ts";
import type { Plugin } from "../../src/plugins/plugin.ts";
import type { CompleteEvent, RouterEvent, StartEvent } from "../../src/record/events.ts";
import { Recorder, type Sink } from "../../src/record/recorder.ts";
import { startRouter } from "../../src/server/start.ts";
import type { Stages } from "../../src/server/version.ts";
import type { Store } from "../../src/store/store.ts";
import { until } from "./until.ts";

/** A router in this process: its events, its log, and whatever plugins a test brings. */
export interface InProcessRouter {
  url: string;
  events: RouterEvent[];
  /** Works with `recording`, where the config asks for it. */
  store: Store | undefined;
  /** `warn: …`, one entry for each line. */
  log: string[];
  starts(): StartEvent[];
  completes(): CompleteEvent[];
  /** The `complete` events once there are `count`; fails after 15 s. */
  completed(count?: number): Promise<CompleteEvent[]>;
  /** Resolves when every `start` has its `complete`. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface InProcessOptions {
  env?: Record<string, string>;
  plugins?: readonly (Plugin | ConfiguredPlugin)[];
  /** Before those the config enables. */
  classifiers?: readonly Classifier[];
  responseClassifiers?: readonly ResponseClassifier[];
  sinks?: readonly Sink[];
  /** What modules brought: see `test/support/modules.ts`. */
  foreign?: Foreign;
  random?: () => number;
  /** What the router takes for the time; timers of connections are real all the same. */
  clock?: Clock;
  /** Write the log and keep the store, as the config says; else neither. */
  recording?: boolean;
  /** Listen on the config's port; else it takes a free one. */
  keepPort?: boolean;
}

/**
 * Starts a router on a config (without `[server]` it takes a free port) with the parts the program would build. Where the
 * config says nothing of failover each request is sent once: most tests are about what comes of one answer. Where it
 * says nothing of lateness the router takes on what comes, however late: the machine may be busy with other tests.
 */
export async function startInProcess(toml: string, options: InProcessOptions = {}): Promise<InProcessRouter> {
  const said = parse(toml);
  const overload = { max_delay_ms: 0, ...Object(said["overload"]) };
  const config = configSchema.parse({ failover: { max_attempts: 1 }, ...said, overload });
  const log: string[] = [];
  const events: RouterEvent[] = [];
  const collector: Sink = { active: true, completeOnly: false, take: (event) => void events.push(event) };
  const port = options.keepPort ? config.server.port : 0;
  const parts = buildParts({ ...config, server: { ...config.server, port } }, options.env ?? {}, {
    random: options.random ?? Math.random,
    programLog: (level, message) => {
      if (level !== "debug") log.push(`${level}: ${message}`);
    },
    ...(options.foreign && { foreign: options.foreign }),
  });
  const running = await startRouter({
    ...parts,
    ...(options.clock && { clock: options.clock }),
    recorder: new Recorder([
      ...(options.recording ? parts.sinks : besideRecording(parts)),
      collector,
      ...(options.sinks ?? []),
    ]),
    stages: withOwn(parts.stages, options),
  });
  if (options.recording) {
    parts.logs.open(config.logging);
    await parts.stores.open(config);
    parts.telemetry.open(config, options.env ?? {});
  }
  const ofType = <T extends RouterEvent["type"]>(type: T) =>
    events.filter((event): event is Extract<RouterEvent, { type: T }> => event.type === type);
  let closing: Promise<void> | undefined;
  const starts = () => ofType("start");
  const completes = () => ofType("complete");
  return {
    url: running.url,
    events,
    store: parts.store,
    log,
    starts,
    completes,
    async completed(count = 1) {
      await until(() => completes().length >= count, `${count} complete events`);
      return completes();
    },
    settled: () => until(() => starts().length === completes().length, "every start to complete"),
    close: () => {
      closing ??= running.close().then(async () => {
        await Promise.all([parts.logs.close(), parts.stores.close(), parts.telemetry.close()]);
      });
      return closing;
    },
  };
}

/** What a config asks for that writes nothing. */
function besideRecording({ feed, metrics, config }: Parts): Sink[] {
  return config.metrics.enabled ? [feed, metrics] : [feed];
}

/** What a test brings: plugins in place of the built-in ones, classifiers besides. */
function withOwn(stages: StageSet, { plugins, classifiers = [], responseClassifiers = [] }: InProcessOptions): Stages {
  if (!plugins && classifiers.length === 0 && responseClassifiers.length === 0) return stages;
  return {
    classifiers: [...classifiers.map((classifier) => ({ classifier, sticky: false })), ...stages.classifiers],
    responseClassifiers: [...responseClassifiers, ...stages.responseClassifiers],
    plugins: plugins ? plugins.map(configured) : stages.plugins,
    close: (besides) => stages.close(besides),
  };
}

/** A bare plugin counts as enabled, without settings. */
function configured(plugin: Plugin | ConfiguredPlugin): ConfiguredPlugin {
  return "plugin" in plugin ? plugin : { plugin, settings: {}, enabled: true };
}

/** A provider and a rule that sends everything to it. */
export function oneProvider(format: string, baseUrl: string, more = ""): string {
  return [
    `[[providers]]\nname = "p"\nformat = "${format}"\nbase_url = "${baseUrl}"\n${more}`,
    `[[routers]]\ntype = "fallback"`,
  ].join("\n\n");
}

/** The context of a test or suite, as far as cleaning up after it goes. */
export interface Cleanup {
  after(run: () => Promise<void>): void;
}

/** A router that is closed when the test ends, however it ends. */
export async function inProcess(test: Cleanup, toml: string, options: InProcessOptions = {}): Promise<InProcessRouter> {
  const router = await startInProcess(toml, options);
  test.after(() => router.close());
  return router;
}

/** A folder that goes when the test ends. */
export async function scratch(test: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "router-test-"));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
