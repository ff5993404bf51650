import { type Status, statusSchema } from "../../../api/routing.ts";
import { type RouterRoute, sendShape } from "./describe.ts";
import type { RouterRouteParts } from "./parts.ts";

export function statusRoute(parts: RouterRouteParts): RouterRoute {
  return {
    method: "GET",
    path: "/router/status",
    summary: "The router itself: version, since when it runs, store and log.",
    answer: statusSchema,
    endpoint: ({ res }) => sendShape(res, statusSchema, statusOf(parts)),
  };
}

const NO_STORE: Status["store"] = { state: "off", exchanges: 0, problem: null };
const NO_LOG: Status["log"] = { path: null, ok: true, dropped: 0, problem: null };

function statusOf({ about, startedMs, configVersion, dispatch, jsonl, store }: RouterRouteParts): Status {
  return {
    version: about.version,
    started_ms: startedMs,
    config_version: configVersion,
    in_flight: dispatch.parts.underway.count,
    store: store?.state ?? NO_STORE,
    log: jsonl?.state ?? NO_LOG,
    content: dispatch.parts.contentPolicy,
  };
}
