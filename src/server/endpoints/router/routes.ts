import { configRoute } from "./config.ts";
import type { RouterRoute } from "./describe.ts";
import { dryRunRoute } from "./dry-run.ts";
import { modelsRoute } from "./models.ts";
import { openApiRoute } from "./openapi.ts";
import type { RouterRouteParts } from "./parts.ts";
import { providersRoute } from "./providers.ts";
import { statusRoute } from "./status.ts";
import { storedRoutes } from "./stored.ts";

/** What the router tells of itself, for its page and for scripts. */
export function routerRoutes(parts: RouterRouteParts): RouterRoute[] {
  const routes: RouterRoute[] = [
    statusRoute(parts),
    configRoute(parts),
    modelsRoute(parts),
    providersRoute(parts),
    dryRunRoute(parts),
    ...storedRoutes(parts),
    openApiRoute(parts, () => routes),
  ];
  return routes;
}
