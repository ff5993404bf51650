// What docs/routing.md says, written down once more, as plainly as possible and without a line of the router's own: slow, and easy
// to check against the page. `oracle.test.ts` asks both about random fleets, histories and requests.

export type Need = "vision" | "tools";

/** Keys of a `when` table, as they stand in the config. */
export interface When {
  tag?: string | string[];
  model?: string | string[];
  client?: string | string[];
  key?: string | string[];
  agent?: string | string[];
  header?: Record<string, string | string[]>;
  needs?: Need[];
  min_input_tokens?: number;
  max_input_tokens?: number;
  hours?: string;
  days?: string[];
  time_zone?: string;
  all?: When[];
  any?: When[];
  none?: When[];
}

/** A `[[routers]]` table; `match`, `client` and `schedule` have conditions among their own keys. */
export interface RuleToml extends When {
  type: string;
  when?: When;
  provider?: string;
  providers?: string[];
  rewrite_model?: string;
  model_prefix?: string;
  alias?: string;
  targets?: { provider: string; model?: string; weight?: number; quality?: number }[];
  min_quality?: number;
  sticky?: boolean;
  candidates?: Target[];
  reserve_tokens?: number;
  max_cost_per_1m_tokens?: number;
  max_latency_ms?: number;
  min_tokens_per_sec?: number;
  quality_bias?: number;
  by?: string;
  failover?: string;
  fallbacks?: { provider: string; model?: string }[];
}

export interface Place {
  name: string;
  quality: number;
  /** US$ for a million tokens: one price for all, or several. */
  cost?: number | undefined;
  prices?: { input: number; output: number; cached_read?: number } | undefined;
  latencyMs?: number | undefined;
  tokensPerSec?: number | undefined;
  /** What it reported. */
  models: readonly { id: string; can?: readonly Need[] | undefined; window?: number | undefined }[];
  /** Name → the name it takes. */
  aliases: Readonly<Record<string, string>>;
}

/** An answer that came, `agoMs` before the request. */
export interface Seen {
  provider: string;
  /** As it was sent. */
  model: string;
  agoMs: number;
  /** Of its request. */
  bytes: number;
  stream: boolean;
  ms: number;
  tokensPerSec: number;
  /** The model its client named. */
  asked: string;
  outputTokens: number;
}

/** Attempts that ended `agoMs` before the request, some of them in failure. */
export interface Tried {
  provider: string;
  /** As it was sent. */
  model: string;
  agoMs: number;
  ok: number;
  failed: number;
}

export interface Asked {
  model: string;
  tags: readonly string[];
  needs: readonly Need[];
  inputTokens: number;
  wallMs: number;
  client: {
    dialect: "openai" | "anthropic";
    agent: string | undefined;
    key: string | undefined;
    headers: Readonly<Record<string, string>>;
  };
  stream: boolean;
  bytes: number;
  maxOutputTokens: number | undefined;
  /** Whether measured numbers count, and whether this is one of the requests that see how another target does. */
  measured: boolean;
  explores: boolean;
  /** Who has to answer, where the rule that decides offers it. */
  prefer?: Target | undefined;
  /** Who answered its conversation before, by the name that was sent. */
  affinity?: (Target & { cachedTokens: number; outputTokens: number; sticky: "cache" | "conversation" }) | undefined;
}

export interface World {
  places: readonly Place[];
  rules: readonly RuleToml[];
  seen: readonly Seen[];
  tried: readonly Tried[];
}

export interface Target {
  provider: string;
  model: string;
  /** Its own mark, where a rule gives it one. */
  quality?: number | undefined;
}

export interface Answer {
  outcomes: string[];
  /** Where the request goes, and where else when that fails: `provider/model`. */
  walk: string[];
}

/**
 * What becomes of a request. `happened`: the walk the router took. Where the page leaves something to chance, the oracle goes
 * along with what came of it, as long as it is among what may.
 */
export function answerOf(world: World, asked: Asked, happened: readonly string[], scope: string): Answer {
  const decidedBy = world.rules.findIndex((rule) => offersOf(rule, world, asked, happened).capable.length > 0);
  const outcomes = world.rules.map((rule, index) => {
    if (decidedBy !== -1 && index > decidedBy) return "not-asked";
    if (index === decidedBy) return "chosen";
    return offersOf(rule, world, asked, happened).all.length > 0 ? "incapable" : "passed";
  });
  const rule = world.rules[decidedBy];
  if (!rule) return { outcomes, walk: [] };
  const own = staying(offersOf(rule, world, asked, happened).capable, world, asked);
  const walk = [...own];
  for (const { provider, model = own[0]?.model ?? "" } of rule.fallbacks ?? []) walk.push({ provider, model });
  if ((rule.failover ?? scope) === "chain")
    for (const later of world.rules.slice(decidedBy + 1))
      walk.push(...offersOf(later, world, { ...asked, explores: false }, happened).capable);
  const may = walk.filter((target) => placeOf(world, target.provider) && can(world, target, asked.needs));
  return { outcomes, walk: distinct(may, world) };
}

/** A plugin chose: those that can do what is needed, in its order; if there are none, the first that is there. */
export function forcedWalk(world: World, asked: Asked, chosen: readonly Target[]): string[] {
  const there = chosen.filter(({ provider }) => placeOf(world, provider));
  const capable = there.filter((target) => can(world, target, asked.needs));
  return distinct(capable.length > 0 ? capable : there.slice(0, 1), world);
}

/** What the rule offers at all, and those of it that can do what is needed, best first. */
function offersOf(rule: RuleToml, world: World, asked: Asked, happened: readonly string[]) {
  const isMeant = isFor(rule, asked) && (rule.when === undefined || holds(rule.when, asked));
  const all = isMeant ? KINDS[rule.type]?.(rule, world, asked) : [];
  if (!all) throw new Error(`the oracle does not know the rule ${rule.type}`);
  const there = all.filter(({ provider }) => placeOf(world, provider));
  const capable = there.filter((target) => can(world, target, asked.needs));
  return { all: there, capable: ordered(rule, capable, world, asked, happened) };
}

/** Whether the rule's own words are of this request. */
function isFor(rule: RuleToml, asked: Asked): boolean {
  if (rule.type === "prefix") return asked.model.startsWith(rule.model_prefix ?? "");
  if (rule.type === "tag") return holds({ tag: rule.tag ?? [] }, asked);
  if (rule.type === "alias") return asked.model === rule.alias;
  return ["match", "client", "schedule"].includes(rule.type) ? holds(rule, asked) : true;
}

type Offers = (rule: RuleToml, world: World, asked: Asked) => Target[];

const one: Offers = ({ provider = "", rewrite_model }, _world, { model }) => [
  { provider, model: rewrite_model ?? model },
];
const among: Offers = ({ providers = [], rewrite_model }, { places }, { model }) => {
  const names = providers.length > 0 ? providers : places.map(({ name }) => name);
  return names.map((provider) => ({ provider, model: rewrite_model ?? model }));
};
const targets: Offers = (rule, _world, asked) =>
  (rule.targets ?? []).map(({ provider, model = asked.model, quality }) => ({ provider, model, quality }));

/** What a rule offers to a request it is for, in the order in which it stands in the file. */
const KINDS: Record<string, Offers> = {
  prefix: one,
  tag: one,
  match: one,
  client: one,
  schedule: one,
  fallback: among,
  alias: targets,
  weighted: targets,
  price: (rule, world, asked) =>
    among(rule, world, asked).filter(
      (target) => costOf(world, target, asked) <= (rule.max_cost_per_1m_tokens ?? Infinity),
    ),
  latency: (rule, world, asked) =>
    among(rule, world, asked).filter(
      (target) => (latencyOf(world, target, asked)?.value ?? Infinity) <= (rule.max_latency_ms ?? Number.MAX_VALUE),
    ),
  throughput: (rule, world, asked) =>
    among(rule, world, asked).filter(
      (target) => (speedOf(world, target, asked)?.value ?? -1) >= (rule.min_tokens_per_sec ?? 0),
    ),
  discover: (rule, world, asked) => one(rule, world, asked).filter((target) => infoOf(world, target) !== undefined),
  random: (rule, world, asked) => {
    const { candidates = [] } = rule;
    return candidates.length > 0 ? candidates : among(rule, world, asked);
  },
  context: (rule, world, asked) => targets(rule, world, asked).filter((target) => fits(rule, world, target, asked)),
  "cheapest-capable": (rule, world, asked) =>
    (rule.targets ? targets : among)(rule, world, asked).filter(
      (target) =>
        qualityOf(world, target) >= (rule.min_quality ?? 0) &&
        fits(rule, world, target, asked) &&
        costOf(world, target, asked) <= (rule.max_cost_per_1m_tokens ?? Infinity),
    ),
};

/** What a rule goes by: the higher the better. Equal ones keep the order of the file. */
function ordered(rule: RuleToml, capable: Target[], world: World, asked: Asked, happened: readonly string[]): Target[] {
  const marks = (target: Target): Mark => markOf(rule, target, world, asked);
  switch (rule.type) {
    case "random":
    case "weighted":
      return capable.toSorted((x, y) => placeIn(happened, x) - placeIn(happened, y));
    case "price":
    case "cheapest-capable":
    case "fallback":
    case "latency":
    case "throughput": {
      const normal = byMark(capable, marks);
      return asked.affinity
        ? goingOn(rule, normal, world, asked, marks)
        : (explored(rule, normal, world, asked, happened) ?? normal);
    }
    default:
      return capable;
  }
}

interface Mark {
  value: number;
  measured: boolean;
}

function markOf(rule: RuleToml, target: Target, world: World, asked: Asked): Mark {
  const bias = rule.quality_bias ?? 0.5;
  switch (rule.type) {
    case "price":
    case "cheapest-capable":
      return { value: -costOf(world, target, asked), measured: false };
    case "latency": {
      const known = latencyOf(world, target, asked);
      return { value: -(known?.value ?? 0), measured: known?.measured ?? false };
    }
    case "throughput":
      return speedOf(world, target, asked) ?? { value: 0, measured: false };
    default: {
      const worth = qualityOf(world, target) * (1 - failingOf(world, target, asked));
      return { value: bias * worth - (1 - bias) * costOf(world, target, asked), measured: false };
    }
  }
}

/** Best first; where measuring had a part in it, what differs from the best by a fifth at most is as good as it. */
function byMark(capable: readonly Target[], marks: (target: Target) => Mark): Target[] {
  const best = capable.map(marks).toSorted((x, y) => y.value - x.value)[0];
  const value = (target: Target): number => {
    const mark = marks(target);
    const same =
      best && (mark.measured || best.measured) && Math.abs(best.value - mark.value) <= Math.abs(best.value) / 5;
    return same ? best.value : mark.value;
  };
  return capable.toSorted((x, y) => value(y) - value(x));
}

/**
 * A conversation stays where it was answered, if that is offered: by money until another is better by more than a fifth, its cache counted; by time
 * until another is more than twice as good; or whatever it costs.
 */
function goingOn(
  rule: RuleToml,
  normal: Target[],
  world: World,
  asked: Asked,
  marks: (target: Target) => Mark,
): Target[] {
  const [best] = normal;
  const home = normal.find((target) => isHome(world, target, asked));
  if (!home || !best) return normal;
  const [there, here] = [marks(best).value, marks(home).value];
  const saves = there < 0 ? there * 1.2 > here : there > here * 1.2;
  const leaves = { latency: there * 2 > here, throughput: there > here * 2 }[rule.type] ?? saves;
  return leaves && asked.affinity?.sticky === "cache" ? normal : [home, ...normal.filter((target) => target !== home)];
}

function isHome(world: World, target: Target, { affinity }: Asked): boolean {
  return affinity?.provider === target.provider && affinity.model === sentTo(world, target);
}

/**
 * One of the rule's other targets first, also one that nothing is known of, but none that is over its limit. Who has to answer is
 * not left for that.
 */
function explored(rule: RuleToml, normal: Target[], world: World, asked: Asked, happened: readonly string[]) {
  if (!asked.explores || asked.prefer || !["latency", "throughput"].includes(rule.type)) return undefined;
  const known = (target: Target) => (rule.type === "latency" ? latencyOf : speedOf)(world, target, asked);
  if (!normal.some((target) => known(target)?.measured)) return undefined;
  const unknown = among(rule, world, asked).filter(
    (target) => placeOf(world, target.provider) && can(world, target, asked.needs) && known(target) === undefined,
  );
  const others = [...normal.slice(1), ...unknown];
  const first = others.find((target) => nameOf(target) === happened[0]) ?? others[0];
  return first && [first, ...normal.filter((target) => target !== first)];
}

/** Who has to answer comes first, if it is there: the very model, else another one of the same provider. */
function staying(own: Target[], world: World, { prefer }: Asked): Target[] {
  if (!prefer) return own;
  const ofProvider = own.filter(({ provider }) => provider === prefer.provider);
  const stays = ofProvider.find((target) => sentTo(world, target) === prefer.model) ?? ofProvider[0];
  return stays ? [stays, ...own.filter((target) => target !== stays)] : own;
}

// What is known of targets.

function placeOf({ places }: World, name: string): Place | undefined {
  return places.find((place) => place.name === name);
}

function sentTo(world: World, { provider, model }: Target): string {
  return placeOf(world, provider)?.aliases[model] ?? model;
}

/** A name without a tag means `:latest`, where it is not there itself. */
function infoOf(world: World, target: Target) {
  const sent = sentTo(world, target);
  const named = (name: string) => placeOf(world, target.provider)?.models.find(({ id }) => id === name);
  return named(sent) ?? (sent.includes(":") ? undefined : named(`${sent}:latest`));
}

/** What nobody knows anything about is assumed to be capable. */
function can(world: World, target: Target, needs: readonly Need[]): boolean {
  const known = infoOf(world, target)?.can;
  return known === undefined || needs.every((need) => known.includes(need));
}

/** Its window, where somebody knows it, holds the prompt and the answer. */
function fits(rule: RuleToml, world: World, target: Target, { inputTokens }: Asked): boolean {
  return (infoOf(world, target)?.window ?? Infinity) >= inputTokens + (rule.reserve_tokens ?? 4096);
}

function qualityOf(world: World, { provider, quality }: Target): number {
  return quality ?? placeOf(world, provider)?.quality ?? 0;
}

/**
 * For a million tokens of this request, prompt and expected answer together; what the cache holds of its prompt counts where its
 * conversation was answered. Without measured numbers the one price counts alone.
 */
function costOf(world: World, target: Target, asked: Asked): number {
  const { cost, prices } = placeOf(world, target.provider) ?? {};
  if (!asked.measured || !prices) return cost ?? 0;
  const answers = world.seen.filter((seen) => seen.asked === asked.model);
  const { affinity } = asked;
  const lately = median(answers, ({ outputTokens }) => outputTokens, asked);
  const usual = Math.round(affinity?.outputTokens ?? lately ?? 400);
  const output = Math.min(usual, asked.maxOutputTokens ?? Infinity);
  const cached = affinity && isHome(world, target, asked) ? Math.min(affinity.cachedTokens, asked.inputTokens) : 0;
  const read = (asked.inputTokens - cached) * prices.input + cached * (prices.cached_read ?? prices.input);
  return (read + output * prices.output) / (asked.inputTokens + output);
}

/** Share of the attempts that failed, in steps of a tenth; known from 20 attempts on. */
function failingOf(world: World, target: Target, asked: Asked): number {
  const lately = world.tried.filter(
    ({ provider, model, agoMs }) =>
      provider === target.provider && model === sentTo(world, target) && agoMs <= 15 * MINUTE_MS,
  );
  const count = lately.reduce((sum, { ok, failed }) => sum + ok + failed, 0);
  if (!asked.measured || count < 20) return 0;
  const failed = lately.reduce((sum, tried) => sum + weight(tried) * tried.failed, 0);
  const all = lately.reduce((sum, tried) => sum + weight(tried) * (tried.ok + tried.failed), 0);
  return Math.round((10 * failed) / all) / 10;
}

function latencyOf(world: World, target: Target, asked: Asked): Mark | undefined {
  const typed = placeOf(world, target.provider)?.latencyMs;
  const seen = measured(
    world.seen.filter(({ stream }) => stream === asked.stream),
    ({ ms }) => ms,
    world,
    target,
    asked,
  );
  return seen ?? (typed === undefined ? undefined : { value: typed, measured: false });
}

function speedOf(world: World, target: Target, asked: Asked): Mark | undefined {
  const typed = placeOf(world, target.provider)?.tokensPerSec;
  const seen = measured(
    world.seen.filter(({ stream }) => stream),
    ({ tokensPerSec }) => tokensPerSec,
    world,
    target,
    asked,
  );
  return seen ?? (typed === undefined ? undefined : { value: typed, measured: false });
}

const MINUTE_MS = 60_000;
const SIZES = [4_000, 32_000, 200_000];

/** What was measured of a target. */
function measured(
  all: readonly Seen[],
  value: (seen: Seen) => number,
  world: World,
  target: Target,
  asked: Asked,
): Mark | undefined {
  if (!asked.measured) return undefined;
  const own = all.filter(({ provider, model }) => provider === target.provider && model === sentTo(world, target));
  const typical = median(own, value, asked);
  return typical === undefined ? undefined : { value: typical, measured: true };
}

/**
 * The median of the last 15 minutes, a sample of five minutes ago counting half; of prompts of the same size, if there are five
 * of them. Fewer than five say nothing.
 */
function median(all: readonly Seen[], value: (seen: Seen) => number, asked: Asked): number | undefined {
  const lately = all.filter(({ agoMs }) => agoMs <= 15 * MINUTE_MS);
  const sizeOf = (bytes: number) => SIZES.filter((size) => size <= bytes).length;
  const alike = lately.filter(({ bytes }) => sizeOf(bytes) === sizeOf(asked.bytes));
  const count = alike.length >= 5 ? alike : lately;
  if (count.length < 5) return undefined;
  const weightOf = (some: readonly Seen[]) => some.reduce((sum, seen) => sum + weight(seen), 0);
  const upTo = (limit: number) => weightOf(count.filter((seen) => value(seen) <= limit));
  const values = count.map(value).toSorted((x, y) => x - y);
  return values.find((limit) => upTo(limit) >= weightOf(count) / 2);
}

function weight({ agoMs }: { agoMs: number }): number {
  return 2 ** (-agoMs / (5 * MINUTE_MS));
}

// Conditions.

/** Keys of one table all have to hold; `all`, `any` and `none` are lists of such tables. */
function holds(when: When, asked: Asked): boolean {
  const { model, tags, needs, inputTokens, client } = asked;
  const headers = Object.entries(when.header ?? {});
  return (
    (when.tag === undefined || list(when.tag).some((tag) => tags.includes(tag))) &&
    (when.model === undefined || isLike(when.model, model)) &&
    (when.client === undefined || list(when.client).includes(client.dialect)) &&
    (when.key === undefined || isLike(when.key, client.key)) &&
    (when.agent === undefined || isLike(when.agent, client.agent)) &&
    headers.every(([name, value]) => isLike(value, client.headers[name.toLowerCase()])) &&
    (when.needs ?? []).every((need) => needs.includes(need)) &&
    inputTokens >= (when.min_input_tokens ?? 0) &&
    inputTokens <= (when.max_input_tokens ?? Infinity) &&
    isNow(when, asked.wallMs) &&
    (when.all ?? []).every((one) => holds(one, asked)) &&
    (when.any === undefined || when.any.some((one) => holds(one, asked))) &&
    !(when.none ?? []).some((one) => holds(one, asked))
  );
}

/** One of the patterns, `*` and `?` standing for any characters, upper and lower case being the same. */
function isLike(patterns: string | string[], value: string | undefined): boolean {
  const expression = (pattern: string) =>
    pattern
      .replace(/[^*?]/gs, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`)
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
  return value !== undefined && list(patterns).some((one) => new RegExp(`^${expression(one)}$`, "ius").test(value));
}

const DAY_MS = 24 * 60 * MINUTE_MS;
const DAYS = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
/** Zones without summer time: minutes before the clocks of Greenwich. */
const ZONES: Record<string, number> = { UTC: 0, "Asia/Kolkata": 330, "America/Phoenix": -420 };

/** Hours over midnight belong to the day on which they begin. */
function isNow({ hours = "00:00-24:00", days = DAYS, time_zone = "UTC" }: When, wallMs: number): boolean {
  const localMs = wallMs + (ZONES[time_zone] ?? 0) * MINUTE_MS;
  const [from = 0, until = 0] = hours
    .split("-")
    .map((time) => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * MINUTE_MS);
  const lastsMs = until > from ? until - from : until - from + DAY_MS;
  const today = Math.floor(localMs / DAY_MS);
  return [today - 1, today].some((day) => {
    const since = localMs - (day * DAY_MS + from);
    return days.includes(DAYS[day % 7] ?? "") && since >= 0 && since < lastsMs;
  });
}

function nameOf({ provider, model }: Target): string {
  return `${provider}/${model}`;
}

/** Each model that would be asked, once, by the first of its names. */
function distinct(targets: readonly Target[], world: World): string[] {
  const named = new Map<string, string>();
  for (const target of targets) {
    const sent = nameOf({ ...target, model: sentTo(world, target) });
    if (!named.has(sent)) named.set(sent, nameOf(target));
  }
  return [...named.values()];
}

/** What did not happen comes last. */
function placeIn(happened: readonly string[], target: Target): number {
  const at = happened.indexOf(nameOf(target));
  return at === -1 ? happened.length : at;
}

function list(value: string | string[]): string[] {
  return typeof value === "string" ? [value] : value;
}
