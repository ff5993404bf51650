import { existsSync } from "node:fs";
import type { Config } from "../../../config/config.ts";
import { readDotEnv } from "../../../config/dotenv.ts";
import { Conversations } from "../../../conversation/conversations.ts";
import { systemClock } from "../../../core/clock.ts";
import type { Log } from "../../../core/log.ts";
import { terminalLine } from "../../../core/terminal-text.ts";
import { Pricing } from "../../../cost/pricing.ts";
import type { ArmTools } from "../../../replay/arms/ask-arm.ts";
import type { Arm } from "../../../replay/arms/outlook.ts";
import type { Plan } from "../../../replay/arms/plan.ts";
import { Limiter } from "../../../resilience/limiter.ts";
import { buildFleet } from "../../../upstream/build-fleet.ts";
import { Discovery } from "../../../upstream/discovery.ts";
import { Fleet, type Provider } from "../../../upstream/provider.ts";
import { Transports } from "../../../upstream/transports.ts";
import { PROVIDER_HALVES } from "../../../wire/registry.ts";
import { type Io, Refusal } from "../../io.ts";
import { KINDS } from "../../kinds.ts";
import { Modules } from "../../modules/modules.ts";
import { openFile } from "../../open-config.ts";
import type { ArmsSettings } from "./settings.ts";
import { armsOf } from "./which-arms.ts";

/** Requests at a time where the config sets no limit: a machine of one's own is slower for all of several. */
const AT_A_TIME = { nearby: 1, elsewhere: 4 };
/** Whoever waits here for a turn has nothing better to do. */
const PATIENCE_MS = 24 * 3_600_000;
/** For one answer; the provider's own timeouts may end it sooner. */
const TIMEOUT_MS = 10 * 60_000;
const MEETING_MS = 5_000;

/** The arms of a config, and what they are asked with: a router's own means, but no router. */
export class Bench {
  readonly arms: readonly Arm[];
  readonly pricing: Pricing;
  /** Path of the log. */
  readonly log: string;
  readonly tools: ArmTools;
  readonly #config: Config;
  readonly #fleet: Fleet;
  readonly #transports = new Transports(systemClock, Math.random);

  /** Reads the config, with the keys of its `.env`. Throws `Refusal` and `ConfigError`. */
  static async on(settings: ArmsSettings, io: Io, signal: AbortSignal): Promise<Bench> {
    const { config: file } = settings;
    if (!existsSync(file)) throw new Refusal(2, `there is no ${file}: --config names the config that has the arms`);
    const own = readDotEnv(file, io.env).env;
    const modules = new Modules({ clock: systemClock });
    const { config, env } = await openFile(file, { kinds: KINDS, env: own, modules });
    const built = buildFleet(config.providers, env, PROVIDER_HALVES);
    const log: Log = (level, message) => {
      if (level !== "debug") io.err(terminalLine(`${level}: ${message}`));
    };
    const bench = new Bench(config, built.fleet, {
      arms: armsOf(settings.arms, built),
      log,
      signal,
      path: settings.log,
    });
    await bench.pricing.load(bench.#providers());
    return bench;
  }

  private constructor(
    config: Config,
    fleet: Fleet,
    { arms, log, signal, path }: { arms: readonly Arm[]; log: Log; signal: AbortSignal; path: string | undefined },
  ) {
    this.#config = config;
    this.#fleet = fleet;
    this.arms = arms;
    this.log = path ?? config.logging.path;
    this.pricing = new Pricing(log);
    const limiter = new Limiter(systemClock);
    limiter.configure(this.#providers().map(withPatience));
    const conversations = new Conversations(config.conversations, systemClock);
    this.tools = {
      transports: this.#transports,
      conversations,
      clock: systemClock,
      limiter,
      timeoutMs: TIMEOUT_MS,
      signal,
    };
  }

  /** Asks the arms which models they have, since requests depend on what these can; who does not say so is asked all the same. */
  async meet(): Promise<void> {
    const ask: ConstructorParameters<typeof Discovery>[1] = (provider, request) =>
      this.#transports.requestJson(provider, request);
    // What is wrong with a provider its answers will tell.
    const options = { refreshMs: 0, clock: systemClock, log: () => undefined };
    const discovery = new Discovery(new Fleet(this.#providers()), ask, options);
    await discovery.ready(MEETING_MS);
    discovery.stop();
  }

  /** What somebody should know before prompts are sent. */
  remarks({ planned }: Plan): string[] {
    const remarks: string[] = [];
    const nearby = planned.filter(({ askable }) => this.#fleet.get(askable.row.provider ?? "")?.nearby).length;
    const away = this.#providers().filter((provider) => !provider.nearby);
    if (nearby > 0 && away.length > 0) {
      const whereTo = away.map(({ name, origin }) => `${name} (${origin})`).join(", ");
      remarks.push(`${nearby} of them were answered nearby; now their prompts go to ${whereTo}.`);
    }
    const missing = new Set(planned.flatMap(({ askable }) => askable.missing.map(({ text }) => text)));
    if (missing.size > 0) remarks.push(`Of these requests ${[...missing].join("; ")}.`);
    if (this.#config.logging.content === "redacted")
      remarks.push('What is masked in the log ([logging] content = "redacted") is sent masked.');
    return remarks;
  }

  close(): Promise<void> {
    return this.#transports.close();
  }

  #providers(): Provider[] {
    return [...new Set(this.arms.map(({ provider }) => provider))];
  }
}

function withPatience({ config, nearby }: Provider): Provider["config"] {
  const max_concurrency = config.max_concurrency ?? (nearby ? AT_A_TIME.nearby : AT_A_TIME.elsewhere);
  return { ...config, max_concurrency, max_queue_ms: PATIENCE_MS, max_queue: Number.MAX_SAFE_INTEGER };
}
