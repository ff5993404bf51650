import { z } from "zod";
import { error } from "../../config/check/explain.ts";
import { checkUrl } from "../../config/check/providers.ts";
import { checkVariable } from "../../config/check/sources.ts";
import type { Problem } from "../../config/problem.ts";
import { BACKEND_NAMES, BACKENDS } from "./backends/index.ts";

const domains = z.array(z.string().trim().toLowerCase().min(1)).max(100).default([]);

export const settingsSchema = z.strictObject({
  backend: z.enum(BACKEND_NAMES).optional().describe("The search API that is asked; without one nothing is searched."),
  base_url: z
    .string()
    .optional()
    .describe("Its address; omitted: the backend's own. SearXNG has none, being the owner's."),
  api_key_env: z
    .string()
    .min(1)
    .optional()
    .describe("NAME of the environment variable with its key; omitted: BRAVE_API_KEY, TAVILY_API_KEY, EXA_API_KEY."),
  search: z
    .enum(["when_asked", "every_message"])
    .default("when_asked")
    .describe(
      "When a user's message is searched for before the model is asked: if the request names the plugin, or always.",
    ),
  online_suffix: z
    .boolean()
    .default(false)
    .describe("A model asked for as NAME:online is NAME with a search; only while enabled."),
  hosted_tools: z
    .boolean()
    .default(true)
    .describe("Web-search tools of the client's API are run by the router for providers that have none."),
  native_providers: z
    .array(z.string().min(1))
    .default([])
    .describe("Providers that run the client's web-search tool themselves: the router leaves it to them."),
  max_results: z.int().min(1).max(20).default(5).describe("Pages that a search adds."),
  max_characters: z.int().min(100).max(20_000).default(1_500).describe("Of the text of each page."),
  max_searches: z
    .int()
    .min(1)
    .max(50)
    .default(8)
    .describe("Searches a model may make for one answer, by a hosted tool."),
  search_prompt: z
    .string()
    .max(4_000)
    .optional()
    .describe("What stands before the results, in place of the built-in text; {date} is the day."),
  include_domains: domains.describe("Only pages of these domains, with their subdomains."),
  exclude_domains: domains.describe("No pages of these domains."),
  fetch_pages: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe("So many of the first results are fetched, for their own text in place of the backend's."),
  rewrite_model: z
    .string()
    .min(1)
    .optional()
    .describe("A model that makes the query from the conversation; omitted: the user's message is the query."),
  rewrite_provider: z.string().min(1).optional().describe("Who is asked for it; omitted: whom the rules choose."),
  timeout_ms: z.int().min(100).max(60_000).default(8_000).describe("Of one search."),
  required: z.boolean().default(false).describe("A search that fails fails the request, which else goes on without."),
});

export type WebSettings = z.output<typeof settingsSchema>;

/** How the settings go together. */
export function checkSettings(settings: WebSettings): Problem[] {
  const { backend, base_url, api_key_env, rewrite_model, rewrite_provider } = settings;
  const problems = [...checkUrl(base_url, ["base_url"]), ...checkVariable(api_key_env, ["api_key_env"])];
  if (backend && base_url === undefined && BACKENDS[backend].baseUrl === undefined)
    problems.push(
      error(["base_url"], `is missing: ${backend} has no address of its own, yours may be "http://localhost:8888"`),
    );
  if (rewrite_provider !== undefined && rewrite_model === undefined)
    problems.push(error(["rewrite_provider"], "means nothing without rewrite_model"));
  return problems;
}
