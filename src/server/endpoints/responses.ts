import { ownerOf } from "../../conversation/owner.ts";
import type { ResponseMemory } from "../../conversation/responses.ts";
import { RouterError } from "../../core/errors.ts";
import { asString, isObject, type Json, type JsonObject } from "../../core/json.ts";
import { headerSafe } from "../../pipeline/answer/reply.ts";
import { RoutingFacts } from "../../pipeline/decision/routing-facts.ts";
import type { Dispatch } from "../../pipeline/dispatch.ts";
import { askJson } from "../../pipeline/small/ask.ts";
import type { Guarding } from "../../pipeline/stages/guards.ts";
import type { Target } from "../../routing/rule.ts";
import { type Fleet, upstreamModel } from "../../upstream/provider.ts";
import type { Transports } from "../../upstream/transports.ts";
import { spliceBody } from "../../wire/bytes/splice.ts";
import { readRequest } from "../../wire/openai-responses/request/read-request.ts";
import { askerIn } from "../asker.ts";
import { type Call, type Endpoint, goneSignal, sendJson } from "../call.ts";
import { type BodyLimits, readJson } from "../read-body.ts";

export interface ResponseEndpoints {
  one: Endpoint;
  remove: Endpoint;
  compact: Endpoint;
  /** The body with what it only points at written out; undefined when that is nothing. */
  expand: (call: Call, body: JsonObject) => JsonObject | undefined;
}

interface Parts {
  dispatch: Pick<Dispatch, "tagsOf" | "parts">;
  responses: ResponseMemory;
  fleet: Fleet;
  transports: Transports;
  bodyLimits: BodyLimits;
}

const PATIENCE_MS = 30_000;

/**
 * What OpenAI's Responses has besides asking: answers given earlier, from memory or from the provider that keeps them, and
 * compaction, which only a provider of that API can do.
 */
export function responseEndpoints(parts: Parts): ResponseEndpoints {
  return {
    one: (call) => one(call, parts),
    remove: (call) => remove(call, parts),
    compact: (call) => compact(call, parts),
    expand: (call, body) => parts.responses.expand(ownerIn(call), body),
  };
}

async function one(call: Call, parts: Parts): Promise<void> {
  const [id = "", what, ...more] = call.rest.split("/");
  if (more.length > 0 || (what !== undefined && what !== "input_items")) throw unknown(call.rest);
  const stored = parts.responses.get(ownerIn(call), id);
  if (!stored) return askKeeper(call, "GET", id, parts);
  sendJson(call.res, 200, what === undefined ? stored.response : itemList(id, stored.input, call.search.get("order")));
}

async function remove(call: Call, parts: Parts): Promise<void> {
  const id = call.rest;
  if (!parts.responses.delete(ownerIn(call), id)) return askKeeper(call, "DELETE", id, parts);
  sendJson(call.res, 200, { id, object: "response", deleted: true });
}

/** All on one page. Items the client sent without an id get one, since its SDK reads pages by them. */
function itemList(id: string, input: readonly Json[], order: string | null): JsonObject {
  const items = input.filter(isObject).map((item, index) => ({ type: "message", id: `${id}_in_${index}`, ...item }));
  const data = order === "asc" ? items : items.toReversed();
  const first_id = data[0]?.id ?? null;
  return { object: "list", data, first_id, last_id: data.at(-1)?.id ?? null, has_more: false };
}

async function askKeeper(call: Call, method: "GET" | "DELETE", id: string, parts: Parts): Promise<void> {
  const keeper = parts.responses.keeperOf(ownerIn(call), id);
  const provider = keeper && parts.fleet.get(keeper.provider);
  if (!provider) throw unknown(id);
  const path = `/responses/${call.rest.split("/").map(encodeURIComponent).join("/")}`;
  const { res } = call;
  const answer = await parts.transports
    .requestJson(provider, { method, path, timeoutMs: PATIENCE_MS, signal: goneSignal(res) })
    .catch(failed(provider.name));
  if (!isObject(answer.body)) throw new RouterError("upstream", `provider '${provider.name}' answered no JSON`);
  sendJson(res, answer.status, answer.body, ["X-Router-Provider", headerSafe(provider.name)]);
}

async function compact(call: Call, parts: Parts): Promise<void> {
  const { raw, body } = await readJson(call.req, parts.bodyLimits);
  const model = asString(body["model"]);
  if (!model) throw new RouterError("bad_request", "model is required", { param: "model" });
  const expanded = parts.responses.expand(ownerIn(call), body);
  const { guards } = parts.dispatch.parts;
  const prompt = () => readRequest(expanded ?? body, call.req.headers);
  const asker = askerIn(call, prompt);
  const tags = await parts.dispatch.tagsOf(prompt, asker);
  const { clock, random } = parts.dispatch.parts;
  const wallMs = clock.wallMs();
  const without = Object.hasOwn(body, "plugins") ? ["plugins"] : [];
  const sent = expanded ? Buffer.from(JSON.stringify(expanded)) : raw;
  const answer = await askJson(
    {
      routing: new RoutingFacts({ model, tags, client: asker.client, prompt, wallMs, random }),
      can: (target) => target.provider.half.dialect === "openai-responses" && !guards.at(target, body),
      cannot: (target) => whyNotCompacted(target, guards.at(target, body)),
      write: ({ provider, model: asked }) => ({
        path: "/responses/compact",
        body: spliceBody(sent, upstreamModel(provider, asked), without),
        // It is a model that does it: the provider's own timers hold.
        timeoutMs: 0,
      }),
      read: (answered) => {
        if (!isObject(answered)) throw new Error("the answer is no object");
        return answered;
      },
      passesErrors: true,
    },
    parts.dispatch.parts,
    goneSignal(call.res),
  );
  const { provider } = answer.target;
  const headers = ["X-Router-Provider", headerSafe(provider.name), "X-Router-Model", headerSafe(answer.model)];
  sendJson(call.res, 200, answer.value, [...headers, "X-Router-Attempts", String(answer.attempts)]);
}

/** What a guard hides could not be put back into what only its provider can read. */
function whyNotCompacted({ provider }: Target, guarding: Guarding | undefined): string {
  const { name, half } = provider;
  if (half.dialect !== "openai-responses" || !guarding)
    return `provider '${name}' (${half.dialect}) cannot compact a conversation`;
  return (
    `plugin ${guarding.by} keeps values from provider '${name}', which could not be put back into what it compacts: ` +
    "let the client shorten the conversation itself, or except the provider from the plugin"
  );
}

function failed(provider: string): (error: unknown) => never {
  return (error) => {
    throw new RouterError(
      "upstream",
      `provider '${provider}': ${error instanceof Error ? error.message : String(error)}`,
    );
  };
}

function unknown(id: string): RouterError {
  return new RouterError("not_found", `response '${id.slice(0, 200)}' not found`);
}

function ownerIn({ req, search }: Call): { owner: string } {
  return { owner: ownerOf(req.headers, search.get("api_key") ?? search.get("key") ?? undefined) };
}
