import { configRoute } from "./config.ts";
import type { RouterRoute } from "./describe.ts";
import { dryRunRoute } from "./dry-run.ts";
import { modelsRoute } from "./models.ts";
import type { RouterRouteParts } from "./parts.ts";
import { providersRoute } from "./providers.ts";
import { statusRoute } from "./status.ts";

/** What the router tells of itself, for its page and for scripts. */
export function routerRoutes(parts: RouterRouteParts): RouterRoute[] {
  return [statusRoute(parts), configRoute(parts), modelsRoute(parts), providersRoute(parts), dryRunRoute(parts)];
}
