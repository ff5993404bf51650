import type { ConditionSettings, WhenSettings } from "../../config/conditions.ts";
import { globs } from "../../core/glob.ts";
import type { Condition, RoutingRequest } from "../rule.ts";
import { within } from "./hours.ts";

/** The condition that all keys of `when` make together. */
export function conditionOf({ all = [], any = [], none = [], ...own }: WhenSettings): Condition {
  const must = [single(own), ...all.map(single)];
  const either = any.map(single);
  const never = none.map((settings) => ({ holds: single(settings), said: described(settings) }));
  return (request) => {
    const why = first(must, request) ?? noneOf(either, request);
    if (why !== undefined) return why;
    for (const { holds, said } of never) if (holds(request) === undefined) return said;
    return undefined;
  };
}

/** Why none of them holds; undefined: one does, or there are none. */
function noneOf(conditions: readonly Condition[], request: RoutingRequest): string | undefined {
  let whys: string | undefined;
  for (const condition of conditions) {
    const why = condition(request);
    if (why === undefined) return undefined;
    whys = whys === undefined ? why : `${whys}, ${why}`;
  }
  return whys;
}

function single(settings: ConditionSettings): Condition {
  const checks = CHECKS.flatMap((make) => make(settings) ?? []);
  return (request) => first(checks, request);
}

/**
 * One for each key, cheap ones first; undefined where it is not asked for. What they say is put together once: every request
 * passes some of them.
 */
const CHECKS: readonly ((settings: ConditionSettings) => Condition | undefined)[] = [
  ({ tag }) => {
    if (tag === undefined) return undefined;
    const list = listOf(tag);
    const said = `not tagged ${list.join(" or ")}`;
    return ({ tags }) => (list.some((one) => tags.has(one)) ? undefined : said);
  },
  ({ model }) => text(model, "model", (request) => request.model),
  ({ client }) => text(client, "client", (request) => request.client?.dialect),
  ({ agent }) => text(agent, "agent", (request) => request.client?.agent),
  ({ key }) => text(key, "key", (request) => request.client?.key),
  ({ needs }) =>
    needs &&
    ((request) => {
      const missing = needs.find((need) => !request.needs.includes(need));
      return missing === undefined ? undefined : `no ${missing} needed`;
    }),
  ({ hours, days, time_zone }) => {
    if (hours === undefined && days === undefined) return undefined;
    const isNow = within({ hours, days, time_zone });
    return ({ wallMs }) => (isNow(wallMs) ? undefined : "not at this time");
  },
  ({ header }) => {
    const checks = Object.entries(header ?? {}).flatMap(([name, values]) => {
      const key = name.toLowerCase();
      return text(values, `header ${name}`, (request) => request.header(key)) ?? [];
    });
    return checks.length === 0 ? undefined : (request) => first(checks, request);
  },
  ({ min_input_tokens: min, max_input_tokens: max }) => {
    if (min === undefined && max === undefined) return undefined;
    return ({ inputTokens }) => {
      if (inputTokens === undefined) return "length not known";
      if (min !== undefined && inputTokens < min) return `fewer than ${min} tokens`;
      return max !== undefined && inputTokens > max ? `more than ${max} tokens` : undefined;
    };
  },
];

function text(
  patterns: string | readonly string[] | undefined,
  what: string,
  of: (request: RoutingRequest) => string | undefined,
): Condition | undefined {
  if (patterns === undefined) return undefined;
  const list = listOf(patterns);
  const takes = globs(list);
  const said = `${what} is not ${list.join(" or ")}`;
  return (request) => {
    const value = of(request);
    return value !== undefined && takes(value) ? undefined : said;
  };
}

/** What the first of them that does not hold says. */
function first(conditions: readonly Condition[], request: RoutingRequest): string | undefined {
  for (const condition of conditions) {
    const why = condition(request);
    if (why !== undefined) return why;
  }
  return undefined;
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

/** For labels: `tag code, model gpt-*`. */
export function described({ all = [], any = [], none = [], ...own }: WhenSettings): string {
  const lists: readonly (readonly [string, string])[] = [
    [all.map(described).join(" and "), ""],
    [any.map(described).join(" or "), any.length > 1 ? "either " : ""],
    [none.map(described).join(" nor "), "not "],
  ];
  const keys = Object.entries(own).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${shown(value)}`]));
  return [...keys, ...lists.flatMap(([said, before]) => (said === "" ? [] : [before + said]))].join(", ");
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join("|");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, one]) => `${key}: ${shown(one)}`)
    .join(", ");
}
