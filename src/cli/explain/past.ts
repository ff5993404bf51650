import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { DryRun } from "../../api/routing.ts";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../core/json.ts";
import { escapedControls } from "../../core/terminal-text.ts";
import type { LoggedTarget } from "../../record/events.ts";
import { recordedIn } from "../../replay/redecide/recorded.ts";
import type { Redecided } from "../../replay/redecide/redecide.ts";
import { knownText } from "../../routing/numbers.ts";
import { upstreamModel } from "../../upstream/provider.ts";
import type { Io } from "../io.ts";
import { DEFAULT_CONFIG } from "../open-config.ts";
import { type World, worldOf } from "../replay/world.ts";
import { countText, durationText } from "../watch/texts.ts";
import { ownRouter } from "../which-router.ts";
import { type ExplainArgs, existing } from "./args.ts";
import { affinityText, type Explained, type ExplainedTarget, preferText, titleOf } from "./explained.ts";
import { type FoundRecord, findRecord } from "./find-record.ts";
import { type ExplainLook, linesOfExplained } from "./lines.ts";

/** A past decision, made again. */
interface Again {
  config: string;
  /** By all that decided then. */
  exact: boolean;
  /** The same rules, and the same provider and model. */
  same: boolean;
  redecided: Redecided;
}

/** `explain --id`: a past decision as it was recorded, and what comes of deciding it again. 1: there is no such exchange. */
export async function explainPast(id: string, args: ExplainArgs, look: ExplainLook, io: Io): Promise<number> {
  const config = args.config === undefined ? DEFAULT_CONFIG : existing(args.config);
  const world = existsSync(config) ? await worldOf(config, io) : undefined;
  const found = await findRecord(id, await ownRouter(args.url, args.keyEnv, io), world?.config.logging.path);
  const again = world && decidedAgain(found.record, config, world);
  if (args.json) io.out(escapedControls(JSON.stringify(jsonOf(found, again), undefined, 2)));
  else io.out(linesOf(found, again, look).join("\n"), "painted");
  return 0;
}

function decidedAgain(record: JsonObject, config: string, { redecider }: World): Again | undefined {
  const redecided = redecider.redecide(record);
  if (!redecided) return undefined;
  // As the record has it, what is undefined is absent.
  const verdicts: unknown = JSON.parse(JSON.stringify(redecided.verdicts));
  const then = decidedPlace(record);
  const samePlace = then === undefined || isDeepStrictEqual(then, redecided.place);
  return {
    config,
    exact: redecided.exact,
    same: samePlace && isDeepStrictEqual(verdicts, record["decision"]),
    redecided,
  };
}

/** Where it was sent first. */
function decidedPlace(record: JsonObject) {
  const [first] = objectsOf(record["attempts"]);
  const provider = asString(first?.["provider"]);
  const model = asString(first?.["model"]);
  return provider !== undefined && model !== undefined ? { provider, model } : undefined;
}

function jsonOf({ record, from }: FoundRecord, again: Again | undefined): object {
  const { id, ts_ms, requested_model, provider, sent_model, outcome, decision, routing, attempts } = record;
  const recorded = { id, ts_ms, requested_model, provider, sent_model, outcome, decision, routing, attempts };
  if (!again) return { from, recorded, again: null };
  const { config, exact, same, redecided } = again;
  const { place, rule, verdicts, failover, refusal, unsure } = redecided;
  const error = refusal?.message ?? null;
  const made = { place: place ?? null, rule: rule ?? null, verdicts, failover, error, unsure };
  return { from, recorded, again: { config, exact, same, ...made } };
}

function linesOf(found: FoundRecord, again: Again | undefined, look: ExplainLook): string[] {
  const lines = linesOfExplained(explainedRecord(found, again), look);
  if (!again || isAsThen(again)) return lines;
  const title = `By ${again.config} now: ${titleOf(asString(found.record["requested_model"]) ?? "", again.redecided.place)}`;
  return [...lines, "", ...linesOfExplained({ ...explainedAgain(again), title }, look)];
}

/** What is decided now is what was decided then, word for word. */
function isAsThen({ exact, same }: Again): boolean {
  return exact && same;
}

function explainedRecord({ record, from }: FoundRecord, again: Again | undefined): Explained {
  const first = decidedPlace(record);
  const asThen = again && isAsThen(again) ? again : undefined;
  return {
    title: titleOf(asString(record["requested_model"]) ?? "", first),
    facts: [["when", whenText(record, from)], ...factsOf(record)],
    verdicts: verdictsOf(objectsOf(record["decision"]), asThen?.redecided),
    targets: [...attemptsOf(record), ...(asThen ? neverAsked(record, asThen.redecided) : [])],
    losses: [],
    error: asString(record["error"]) ?? null,
    notes: [againText(record, again)],
  };
}

function whenText(record: JsonObject, from: string): string {
  const { startedMs, id } = recordedIn(record);
  return `${new Date(startedMs).toLocaleString("sv-SE")} · ${id} · from ${from}`;
}

function factsOf(record: JsonObject): [string, string][] {
  const { dialect, agent, tags, needs, routing, usage } = recordedIn(record);
  const asked = [agent === undefined ? dialect : `${agent} (${dialect})`];
  const tokens = routing?.input_tokens ?? usage?.input;
  if (tokens !== undefined) asked.push(`${countText(tokens)} tokens`);
  if (needs.length > 0) asked.push(`needs ${needs.join(" and ")}`);
  if (tags.size > 0) asked.push(`tagged ${[...tags].join(", ")}`);
  const facts: [string, string][] = [["request", asked.join(" · ")]];
  if (!routing) return facts;
  const headers = Object.entries(routing.headers ?? {}).map(([name, value]) => `${name}: ${value ?? "(not sent)"}`);
  if (headers.length > 0) facts.push(["headers", headers.join(", ")]);
  if (routing.affinity) facts.push(["before", affinityText(routing.affinity)]);
  if (routing.prefer) facts.push(["stays", preferText(routing.prefer)]);
  if (routing.forced) facts.push(["plugin", `chose ${routing.forced.map(({ provider }) => provider).join(", then ")}`]);
  const alone = routing.left_alone?.map(({ provider, model }) => `${provider} (${model})`) ?? [];
  if (alone.length > 0) facts.push(["left alone", alone.join(", ")]);
  const lossy = routing.lossy?.map(({ provider, fields, refused }) => {
    return refused.length > 0
      ? `${provider} cannot express ${refused.join(", ")}`
      : `${provider} loses ${fields.join(", ")}`;
  });
  if (lossy) facts.push(["losses", lossy.join("; ")]);
  const known = routing.targets?.map(numbersText).filter((text) => text !== "") ?? [];
  if (known.length > 0) facts.push(["numbers", known.join("; ")]);
  facts.push(["seed", `${routing.seed}, config ${routing.config}`]);
  return facts;
}

const UNITS = { latency_ms: "ms", tokens_per_sec: "tokens/s", error_rate: "failed", cost_per_1m: "$ for 1M" } as const;

/** `cloud 320 ms (measured, 34 answers)`. */
function numbersText(target: LoggedTarget): string {
  const said = (["latency_ms", "tokens_per_sec", "error_rate", "cost_per_1m"] as const).flatMap((name) => {
    const known = target[name];
    return known ? [knownText(known, UNITS[name])] : [];
  });
  return said.length === 0 ? "" : `${target.provider} ${said.join(", ")}`;
}

/** With what was compared, where the decision could be made again. */
function verdictsOf(decision: readonly JsonObject[], again: Redecided | undefined): DryRun["verdicts"] {
  return decision.map((verdict, at): DryRun["verdicts"][number] => {
    const outcome = outcomeOf(verdict["outcome"]);
    const weighed = outcome === "not-asked" ? undefined : again?.weigh(at);
    const compared = weighed?.map(({ provider, model, score, note }) => {
      return {
        provider: provider.name,
        model: upstreamModel(provider, model),
        out: score === undefined,
        note,
        numbers: [],
      };
    });
    const [provider, model, reason] = ["provider", "model", "reason"].map((name) => asString(verdict[name]));
    return {
      rule: asNumber(verdict["rule"]) ?? at,
      label: asString(verdict["label"]) ?? "",
      outcome,
      ...(provider !== undefined && { provider }),
      ...(model !== undefined && { model }),
      ...(reason !== undefined && { reason }),
      ...(compared && { compared }),
    };
  });
}

function outcomeOf(outcome: unknown): DryRun["verdicts"][number]["outcome"] {
  return outcome === "chosen" || outcome === "incapable" || outcome === "not-asked" ? outcome : "passed";
}

function attemptsOf(record: JsonObject): ExplainedTarget[] {
  return objectsOf(record["attempts"]).map(({ provider, model, outcome, ms }) => {
    const took = durationText(asNumber(ms) ?? 0);
    const why = outcome === "ok" ? `answered in ${took}` : `${asString(outcome) ?? "failed"} after ${took}`;
    return { provider: asString(provider) ?? "", model: asString(model) ?? "", why };
  });
}

/** Where failover would have gone besides. */
function neverAsked(record: JsonObject, { failover }: Redecided): ExplainedTarget[] {
  const asked = attemptsOf(record);
  const isAsked = (place: { provider: string; model: string }) =>
    asked.some(({ provider, model }) => provider === place.provider && model === place.model);
  return failover.filter((place) => !isAsked(place)).map((place) => ({ ...place, why: "not needed" }));
}

function againText(record: JsonObject, again: Again | undefined): string {
  if (!again) return "Not derived again: there is no config.toml here; --config names one.";
  const { config, exact, same, redecided } = again;
  if (exact && same) return `Derived again by ${config} from what is recorded: the same.`;
  if (exact)
    return `Derived again by ${config}, which decides by the same as then, and not the same: please report that.`;
  const unsure = redecided.unsure.length > 0 ? ` Not on the record, so not sure: ${redecided.unsure.join(", ")}.` : "";
  const isOld = asObject(record["routing"]) === undefined;
  if (isOld) return `What rules looked at is not on its record. By ${config} it comes out as below.${unsure}`;
  const there = isDeepStrictEqual(decidedPlace(record), redecided.place) ? "to the same place" : "elsewhere";
  return `${config} decides by other rules, prices or marks than then: by it this goes ${same ? "there, too" : there}.${unsure}`;
}

function explainedAgain({ redecided }: Again): Omit<Explained, "title"> {
  const { verdicts, place, failover, refusal } = redecided;
  const first = place ? [{ ...place, why: "the decision" }] : [];
  const logged: JsonObject[] = JSON.parse(JSON.stringify(verdicts));
  return {
    facts: [],
    verdicts: verdictsOf(logged, redecided),
    targets: [...first, ...failover.map((one) => ({ ...one, why: "when that fails" }))],
    losses: [],
    error: refusal?.message ?? null,
    notes: [],
  };
}
