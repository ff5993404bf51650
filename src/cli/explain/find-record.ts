import { existsSync } from "node:fs";
import { exchangeDetailSchema, exchangePageSchema } from "../../api/exchanges.ts";
import { asString, isObject, type JsonObject } from "../../core/json.ts";
import { RemoteError, type RemoteRouter } from "../../remote/remote-router.ts";
import { LogReading } from "../../replay/reading/read-log.ts";
import { Refusal } from "../io.ts";

/** A past request's record, and where it was found. */
export interface FoundRecord {
  readonly record: JsonObject;
  readonly from: string;
}

/**
 * The record of the exchange whose id is or begins with `id`: from the router that runs, else from the log. `log`: its path,
 * where a config tells it. Rejects with a `Refusal` that says where was looked.
 */
export async function findRecord(id: string, router: RemoteRouter, log: string | undefined): Promise<FoundRecord> {
  const looked: string[] = [];
  try {
    const record = await recordAt(router, id);
    if (record) return { record, from: router.base };
    looked.push(`the router at ${router.base} does not know it`);
  } catch (cause) {
    if (!(cause instanceof RemoteError)) throw cause;
    looked.push(cause.message);
  }
  if (log !== undefined && existsSync(log)) {
    const record = await recordIn(log, id);
    if (record) return { record, from: log };
    looked.push(`it is not in ${log}`);
  } else if (log !== undefined) looked.push(`there is no ${log}`);
  throw new Refusal(1, `no exchange ${JSON.stringify(id)} was found: ${looked.join("; ")}`);
}

async function recordAt(router: RemoteRouter, id: string): Promise<JsonObject | undefined> {
  const whole = await detailAt(router, id);
  if (whole) return whole;
  const query = new URLSearchParams({ q: id, limit: "20" });
  const { exchanges } = await router.get(`/router/exchanges?${query}`, exchangePageSchema);
  const found = exchanges.find((row) => row.id.startsWith(id));
  return found && detailAt(router, found.id);
}

async function detailAt(router: RemoteRouter, id: string): Promise<JsonObject | undefined> {
  try {
    const { record } = await router.get(`/router/exchanges/${encodeURIComponent(id)}`, exchangeDetailSchema);
    return isObject(record) ? record : undefined;
  } catch (cause) {
    if (cause instanceof RemoteError && cause.kind === "absent") return undefined;
    throw cause;
  }
}

/** The latest whose id begins so. */
async function recordIn(path: string, id: string): Promise<JsonObject | undefined> {
  let found: JsonObject | undefined;
  for await (const { record } of new LogReading(path).exchanges()) {
    if (asString(record["id"])?.startsWith(id)) found = record;
  }
  return found;
}
