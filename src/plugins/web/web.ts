import type { Dialect } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import { definePlugin } from "../define.ts";
import type { PluginExchange } from "../plugin.ts";
import { type ExecuteParts, execute, lastText, messageOf } from "./hosted/execute.ts";
import { hostedSearch } from "./hosted/hosted-tool.ts";
import { queryOf, rewrittenQuery, SEARCH_TARGET } from "./query.ts";
import { AnswerSources } from "./results/answer-sources.ts";
import { contextText } from "./results/context.ts";
import { type AddedContext, ContextMemory, type NamedMessage, userMessages } from "./results/context-memory.ts";
import { runIn, startRun, type WebRun } from "./run.ts";
import { NO_LIMITS, search } from "./search.ts";
import { Searcher } from "./searcher.ts";
import { checkSettings, settingsSchema, type WebSettings } from "./settings.ts";

type WebExchange = PluginExchange<WebSettings>;

/** A client that asks once more for the same message gets what was found the first time. */
const SAME_MS = 60_000;
const ONLINE = ":online";

/** APIs whose answers can name sources; the others have the links in the text. */
const CITE: ReadonlySet<Dialect> = new Set(["openai", "openai-responses", "anthropic", "gemini"]);

export const web = definePlugin({
  name: "web",
  schema: settingsSchema,
  ownerOnly: [
    "backend",
    "base_url",
    "api_key_env",
    "search",
    "online_suffix",
    "hosted_tools",
    "native_providers",
    "max_searches",
    "fetch_pages",
    "rewrite_model",
    "rewrite_provider",
    "timeout_ms",
    "required",
  ],
  providerPaths: [["rewrite_provider"], ["native_providers", "*"]],
  check: checkSettings,
  // A query made by a model, a search, and pages read.
  deadlineMs: 30_000,
  create(settings, { env, clock, log }) {
    const searcher = settings.backend && new Searcher(settings.backend, settings, env);
    if (searcher?.missingKey !== undefined)
      log("warn", `[plugins.web]: the environment variable ${searcher.missingKey} is not set: no search will work`);
    const contexts = new ContextMemory(clock);
    return {
      on_start(exchange) {
        if (!exchange.settings.online_suffix || !exchange.request.model.endsWith(ONLINE)) return "continue";
        exchange.request.model = exchange.request.model.slice(0, -ONLINE.length);
        startRun(exchange.state).asked = true;
        return "modified";
      },
      async pre_request(exchange) {
        const run = startRun(exchange.state);
        run.asked ||= exchange.settings.search === "every_message" || isNamed(exchange.request);
        if (!searcher) {
          if (run.asked) exchange.warn("web: nothing was searched, since [plugins.web] in the config names no backend");
          return "continue";
        }
        const { settings: own, http, warn } = exchange;
        const parts = { searcher, settings: own, http, warn };
        const wish = own.hosted_tools ? hostedSearch(exchange.request, own) : undefined;
        if (wish) execute(exchange, wish, run, { ...parts, contexts, clock });
        if (!run.asked && contexts.isEmpty) return "continue";
        // A model that can search by itself need not be told what was found.
        return addContexts(exchange, run, { ...parts, contexts, clock, mayPut: !wish });
      },
      stream({ state, client }) {
        const run = runIn(state);
        return run?.matters && CITE.has(client.dialect) ? new AnswerSources(run.sources) : undefined;
      },
    };
  },
});

interface ContextParts extends ExecuteParts {
  mayPut: boolean;
}

function isNamed({ plugins }: ChatRequest): boolean {
  return plugins.some(({ id }) => id === web.name);
}

/** Adds to the users' messages what was found for them: to earlier ones the same as before, to the last what is found now. */
async function addContexts(exchange: WebExchange, run: WebRun, parts: ContextParts): Promise<"modified" | "continue"> {
  const { request, client } = exchange;
  const named = userMessages(request, client.conversation);
  const last = named.at(-1);
  // What tools said is no question: the message before it has its context already.
  const isNew =
    run.asked && parts.mayPut && last?.message === request.messages.findLast(({ role }) => role !== "system");
  const earlier = isNew ? named.slice(0, -1) : named;
  let changed = false;
  for (const { message, key } of earlier) {
    const known = parts.contexts.get(key);
    if (!known) continue;
    run.sources.restore(known.sources);
    message.parts.push({ type: "text", text: known.text });
    changed = true;
  }
  const added = isNew && last ? await contextFor(last, exchange, run, parts) : undefined;
  if (!added) return changed ? "modified" : "continue";
  last?.message.parts.push({ type: "text", text: added.text });
  return "modified";
}

async function contextFor(
  { key }: NamedMessage,
  exchange: WebExchange,
  run: WebRun,
  parts: ContextParts,
): Promise<AddedContext | undefined> {
  const { contexts, clock, settings } = parts;
  const known = contexts.get(key);
  if (known && clock.nowMs() - known.addedMs < SAME_MS) {
    run.sources.restore(known.sources);
    return known;
  }
  try {
    const query = await queryFor(exchange);
    if (query === "") return undefined;
    const sources = run.sources.number(await search(query, NO_LIMITS, parts));
    if (sources.length === 0) {
      exchange.warn("web: the search found nothing");
      return undefined;
    }
    const date = new Date(clock.wallMs()).toISOString().slice(0, 10);
    const cites = exchange.request.output === undefined;
    const text = contextText(sources, { date, prompt: settings.search_prompt, cites });
    const added = { text, sources, addedMs: clock.nowMs() };
    contexts.set(key, added);
    return added;
  } catch (error) {
    if (settings.required) throw error;
    exchange.warn(`${messageOf(error)}; the request goes on without results`);
    return undefined;
  }
}

/** What is searched for, with nothing in it that must not leave the house. */
async function queryFor(exchange: WebExchange): Promise<string> {
  const { settings, models } = exchange;
  const guarded = exchange.requestFor(SEARCH_TARGET);
  const message = queryOf(lastText(guarded));
  const { rewrite_model: model, rewrite_provider: provider } = settings;
  if (model === undefined || message === "") return message;
  try {
    return await rewrittenQuery(guarded, models, { model, provider });
  } catch (error) {
    exchange.warn(`web: ${model} made no query, the message itself is searched for: ${messageOf(error)}`);
    return message;
  }
}
