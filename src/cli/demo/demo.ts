import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { type Config, configSchema } from "../../config/config.ts";
import type { Log } from "../../core/log.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import { Recorder } from "../../record/recorder.ts";
import { clientUrl } from "../address.ts";
import { type Io, Refusal } from "../io.ts";
import { buildParts } from "../parts.ts";
import { listen } from "../run.ts";
import { VERSION } from "../version.ts";
import { Tally } from "./tally.ts";
import { Traffic } from "./traffic.ts";

export interface DemoOptions {
  /** Undefined: 8090, or any other when that is taken. */
  readonly port: number | undefined;
  /** Requests each second. */
  readonly perSecond: number;
  readonly seed: number | undefined;
  /** In the browser, not in the terminal. */
  readonly isWeb: boolean;
  /** Ends after so many seconds; undefined: when it is told to. */
  readonly seconds: number | undefined;
}

/** Beside this file, and beside the bundle. */
const CONFIG = join(import.meta.dirname, "demo.toml");
const USUAL_PORT = 8090;
const HOST = "127.0.0.1";
/** Clients that are not the demo's own are not waited for. */
const CLOSE_MS = 500;

/** The config of the demo, as a file to begin with. */
export function demoConfig(): string {
  return readFileSync(CONFIG, "utf8");
}

/** `demo`: a router with simulated providers and clients, for as long as somebody looks. */
export async function demo(options: DemoOptions, io: Io): Promise<number> {
  if (!options.isWeb) requireTerminal();
  const ending = new Ending(options.seconds);
  const folder = mkdtempSync(join(tmpdir(), "opensourcellmrouter-demo-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // However it ends, nothing of it stays.
  process.once("exit", removeFolder);
  try {
    const mistakes: string[] = [];
    const show = await startShow(options, folder, (level, message) => {
      if (level === "error") mistakes.push(message);
    });
    const code = await watched(show, options, ending, io).finally(() => show.close());
    for (const message of mistakes) io.err(message);
    for (const line of show.tally.lines()) io.out(line);
    io.out("Nothing of it was kept, or sent anywhere. Its rules and providers, to make them yours:");
    io.out("opensourcellmrouter demo --print-config > config.toml");
    return code;
  } finally {
    ending.forget();
    removeFolder();
    process.off("exit", removeFolder);
  }
}

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new Refusal(
    1,
    "demo draws on a terminal, and there is none here: demo --web prints the dashboard's link instead",
  );
}

/** Resolves to the exit code once nobody looks any more. */
async function watched({ base }: Show, { isWeb }: DemoOptions, ending: Ending, io: Io): Promise<number> {
  if (!isWeb) {
    const { openTui } = await import("../tui/open-tui.ts");
    return openTui({ base, key: undefined, model: "auto", signal: ending.signal }, io);
  }
  for (const line of introduction(base)) io.out(line);
  await ending.reached;
  return 0;
}

interface Show {
  /** Of its router, for people. */
  readonly base: string;
  readonly tally: Tally;
  close(): Promise<void>;
}

async function startShow(options: DemoOptions, folder: string, programLog: Log): Promise<Show> {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const config = configOf(folder, seed, options.port ?? (await portToUse()));
  const tally = new Tally();
  // No environment: no key of the user's has any business here.
  const parts = buildParts(
    config,
    {},
    {
      random: seededRandom(seed),
      programLog,
      about: { version: VERSION, file: "the demo's own" },
    },
  );
  const recorder = new Recorder([...parts.sinks, tally]);
  const router = await listen({ ...parts, recorder });
  parts.logs.open(config.logging);
  await parts.stores.open(config);
  const traffic = new Traffic(router.url, { perSecond: options.perSecond, random: seededRandom(seed + 1) });
  traffic.start();
  const close = async () => {
    traffic.stop();
    await router.close();
    await Promise.all([parts.logs.close(), parts.stores.close()]);
  };
  return { base: clientUrl(router.url), tally, close: () => atOnce(close()) };
}

/** A client of somebody else's may hold a stream open: then the process ends without it. */
async function atOnce(closed: Promise<void>): Promise<void> {
  const timer = setTimeout(() => process.exit(0), CLOSE_MS);
  await closed;
  clearTimeout(timer);
}

function configOf(folder: string, seed: number, port: number): Config {
  const config = configSchema.parse(parse(demoConfig()));
  return {
    ...config,
    server: { ...config.server, host: HOST, port, drain_s: 0 },
    logging: { ...config.logging, path: join(folder, "requests.jsonl") },
    providers: config.providers.map((provider, index) => ({ ...provider, seed: seed + index })),
  };
}

/** The usual port where it is free, else one the system chooses. */
function portToUse(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(0));
    probe.listen(USUAL_PORT, HOST, () => probe.close(() => resolve(USUAL_PORT)));
  });
}

function introduction(base: string): string[] {
  return [
    `opensourcellmrouter ${VERSION} demo: simulated providers and clients, no key, no network`,
    `  dashboard  ${base}/dashboard`,
    `  ask it     OPENAI_BASE_URL=${base}/v1 or ANTHROPIC_BASE_URL=${base}, model "auto"`,
    "  look for   what is private staying on the laptop; bargain failing, and steady taking over; swift going down",
    "             every half minute, left alone until it is well again; what each provider costs",
    "Ctrl-C ends it.",
  ];
}

/** When the demo is to end: told so by a signal, or its time is over. */
class Ending {
  readonly reached: Promise<void>;
  readonly #signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number | undefined) {
    this.reached = new Promise((resolve) => {
      this.signal.addEventListener("abort", () => resolve());
    });
    for (const signal of this.#signals) process.on(signal, this.#reach);
    if (seconds !== undefined) this.#timer = setTimeout(this.#reach, seconds * 1000);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  forget(): void {
    for (const signal of this.#signals) process.off(signal, this.#reach);
    clearTimeout(this.#timer);
  }

  readonly #reach = () => this.#over.abort();
}
