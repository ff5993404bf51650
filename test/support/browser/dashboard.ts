import type { Browser } from "playwright-core";
import { statusSchema } from "../../../src/api/routing.ts";
import type { Cleanup } from "../in-process.ts";
import { type RunningRouter, startRouter } from "../router.ts";
import { until } from "../until.ts";
import { openPage, type PageOptions, type WatchedPage } from "./watched-page.ts";

/** A router with its page: three simulated providers with prices, chosen by the model's prefix, and tags by keyword. */
export const BUSY_CONFIG = `
[server]
port = 0
dashboard = true

[logging]
enabled = true
path = "log.jsonl"

[[providers]]
name = "near"
format = "simulated"
models = ["near-small", "near-large"]
ttft_ms = 5
tokens_per_s = 2000
cost_per_1m_tokens = 1

[[providers]]
name = "far"
format = "simulated"
models = ["far-large"]
ttft_ms = 40
tokens_per_s = 200
cost_per_1m_tokens = 12

[[providers]]
name = "broken"
format = "simulated"
models = ["broken"]
errors = [503]

[classifiers.keyword]
enabled = true

[classifiers.keyword.tags]
code = ["function", "stack trace"]
poetry = ["poem"]

[plugins.pareto-router]
default_tier = "low"
tiers = { low = ["near"], high = ["far"] }

[[routers]]
type = "prefix"
model_prefix = "broken"
provider = "broken"

[[routers]]
type = "prefix"
model_prefix = "far"
provider = "far"

[[routers]]
type = "tag"
tag = "poetry"
provider = "far"
rewrite_model = "far-large"

[[routers]]
type = "fallback"
providers = ["near"]
`;

/** Starts a router that is stopped when the test ends. */
export async function startDashboard(
  test: Cleanup,
  config = BUSY_CONFIG,
  env: Record<string, string> = {},
): Promise<RunningRouter> {
  const router = await startRouter(config, env);
  test.after(() => router.close());
  return router;
}

/** Resolves when the store knows so many exchanges: a page that was opened before would not look again. */
export function indexed({ url }: Pick<RunningRouter, "url">, count: number): Promise<void> {
  const isIndexed = async () => {
    const { store } = statusSchema.parse(await (await fetch(`${url}/router/status`)).json());
    return store.state !== "indexing" && store.exchanges >= count;
  };
  return until(isIndexed, `${count} exchanges to be indexed`, 60_000);
}

/** Opens a view: `openView(test, browser, router, "overview")`, once its title is there and the feed is live. */
export async function openView(
  test: Cleanup,
  browser: Browser,
  router: Pick<RunningRouter, "url">,
  view: string,
  options: PageOptions = {},
): Promise<WatchedPage> {
  const watched = await openPage(test, browser, router.url, options);
  await watched.page.goto(`${router.url}/dashboard#/${view}`);
  await watched.page.locator(".connection-open").waitFor();
  return watched;
}
