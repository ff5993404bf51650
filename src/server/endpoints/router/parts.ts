import type { RawExchange } from "../../../api/exchanges.ts";
import type { ConfigSummary, Status } from "../../../api/routing.ts";
import type { Config } from "../../../config/config.ts";
import type { Clock } from "../../../core/clock.ts";
import type { ModelInfo } from "../../../core/model.ts";
import type { Pricing } from "../../../cost/pricing.ts";
import type { Dispatch } from "../../../pipeline/dispatch.ts";
import type { Resilience } from "../../../resilience/resilience.ts";
import type { Chain } from "../../../routing/chain.ts";
import type { Store } from "../../../store/store.ts";
import type { Fleet } from "../../../upstream/provider.ts";

/** The program, for people. */
export interface About {
  version: string;
  /** The config's; null: nothing was configured. */
  file: string | null;
}

/** A time the config was read again. */
export type PastReload = ConfigSummary["reloads"][number];

/** What the routes under `/router` tell of. */
export interface RouterRouteParts {
  about: About;
  config: Config;
  configVersion: number;
  /** Newest first; absent: it is never read again. */
  reloads?: { readonly past: readonly PastReload[] };
  /** Wall clock, ms: since when the router runs. */
  startedMs: number;
  chain: Chain;
  fleet: Fleet;
  pricing: Pricing;
  resilience: Resilience;
  clock: Clock;
  dispatch: Dispatch;
  models: () => ModelInfo[];
  /** What went over the wire for an exchange, where that is kept. */
  raw: (id: string) => RawExchange | undefined | Promise<RawExchange | undefined>;
  /** Absent: nothing is recorded that could be asked for. */
  store?: Store | undefined;
  /** Where exchanges are written, if they are. */
  jsonl?: { readonly state: Status["log"] } | undefined;
}
