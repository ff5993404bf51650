import {
  type ExchangeDetail,
  exchangeDetailSchema,
  exchangePageSchema,
  exchangeQuerySchema,
} from "../../../api/exchanges.ts";
import { statsQuerySchema, statsSchema } from "../../../api/stats.ts";
import { RouterError } from "../../../core/errors.ts";
import { isObject, tryParseJson } from "../../../core/json.ts";
import { type Store, type StoredExchange, StoreError } from "../../../store/store.ts";
import { decoded } from "../models.ts";
import { type RouterRoute, readQuery, sendShape } from "./describe.ts";
import type { RouterRouteParts } from "./parts.ts";

const ERRORS = {
  404: "Nothing is recorded.",
  503: "The store cannot answer; requests are answered all the same.",
};

/** What was: from the store. */
export function storedRoutes(parts: RouterRouteParts): RouterRoute[] {
  return [
    {
      method: "GET",
      path: "/router/exchanges",
      summary: "The exchanges that were, newest first: filtered, searched, page by page.",
      query: exchangeQuerySchema,
      answer: exchangePageSchema,
      errors: ERRORS,
      endpoint: async ({ res, search }) => {
        const query = readQuery(exchangeQuerySchema, search);
        inOrder(query);
        sendShape(res, exchangePageSchema, await ask(parts, (store) => store.exchanges(query)));
      },
    },
    {
      method: "GET",
      path: "/router/exchanges/*",
      summary: "One exchange with all that is known of it.",
      answer: exchangeDetailSchema,
      errors: { ...ERRORS, 404: "Nothing is recorded, or not this one." },
      endpoint: async ({ res, rest }) => {
        const id = decoded(rest);
        const found = await ask(parts, (store) => find(store, id));
        if (!found) throw new RouterError("not_found", `no exchange '${id.slice(0, 100)}' is known (any more)`);
        sendShape(res, exchangeDetailSchema, await detailOf(found, parts));
      },
    },
    {
      method: "GET",
      path: "/router/stats",
      summary: "What a range of time adds up to, step by step: traffic, errors, durations, tokens, cost.",
      query: statsQuerySchema,
      answer: statsSchema,
      errors: ERRORS,
      endpoint: async ({ res, search }) => {
        const query = readQuery(statsQuerySchema, search);
        inOrder(query);
        sendShape(res, statsSchema, await ask(parts, (store) => store.stats(query)));
      },
    },
  ];
}

async function ask<T>({ store }: RouterRouteParts, question: (store: Store) => Promise<T>): Promise<T> {
  if (!store) {
    const remedy = "set [logging] enabled = true and leave its index on, or [server] dashboard = true";
    throw new RouterError("no_store", `nothing is recorded that could be asked for: ${remedy}`);
  }
  try {
    return await question(store);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new RouterError("store_failed", `the store cannot answer: ${error.message}`, { cause: error });
  }
}

/** What ended just now may not be there yet. */
async function find(store: Store, id: string): Promise<StoredExchange | undefined> {
  const found = await store.exchange(id);
  if (found) return found;
  await store.caughtUp();
  return store.exchange(id);
}

async function detailOf({ row, record, missing }: StoredExchange, parts: RouterRouteParts): Promise<ExchangeDetail> {
  const parsed = record === null ? undefined : tryParseJson(record);
  const isWhole = isObject(parsed);
  return {
    exchange: row,
    record: isWhole ? parsed : null,
    record_missing: isWhole ? null : (missing ?? "what the log has at its place is no record"),
    raw: (await parts.raw(row.id)) ?? null,
  };
}

function inOrder({ since_ms, until_ms }: { since_ms?: number | undefined; until_ms?: number | undefined }): void {
  if (since_ms === undefined || until_ms === undefined || since_ms < until_ms) return;
  throw new RouterError("bad_request", "parameter 'until_ms' has to be later than 'since_ms'", { param: "until_ms" });
}
