import type { Status } from "../../../api/routing.ts";
import type { Config } from "../../../config/config.ts";
import type { ModelInfo } from "../../../core/model.ts";
import type { Pricing } from "../../../cost/pricing.ts";
import type { Dispatch } from "../../../pipeline/dispatch.ts";
import type { Chain } from "../../../routing/chain.ts";
import { configRoute } from "./config.ts";
import type { RouterRoute } from "./describe.ts";
import { modelsRoute } from "./models.ts";
import { type ProvidersParts, providersRoute } from "./providers.ts";
import { statusRoute } from "./status.ts";

/** The program, for people. */
export interface About {
  version: string;
  /** The config's; null: nothing was configured. */
  file: string | null;
}

export interface RouterRouteParts extends ProvidersParts {
  about: About;
  config: Config;
  /** Wall clock, ms: since when the router runs. */
  startedMs: number;
  chain: Chain;
  pricing: Pricing;
  dispatch: Dispatch;
  models: () => ModelInfo[];
  /** Where exchanges are written, if they are. */
  jsonl?: { readonly state: Status["log"] } | undefined;
}

/** What the router tells of itself, for its page and for scripts. */
export function routerRoutes(parts: RouterRouteParts): RouterRoute[] {
  return [statusRoute(parts), configRoute(parts), modelsRoute(parts), providersRoute(parts)];
}
