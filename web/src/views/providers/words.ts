import type { Providers } from "../../../../src/api/providers.ts";
import { countedText } from "../../charts/data/rates.ts";
import { durationText } from "../../parts/format.ts";
import type { Tone } from "../../parts/parts.tsx";

export type Provider = Providers["providers"][number];
export type Live = NonNullable<Provider["live"]>;
type Alarm = Live["alarms"][number];

/** A provider's health, in a word and a sign. */
export interface Health {
  name: "well" | "troubled" | "probing" | "left-alone" | "skipped";
  word: string;
  /** So that it is not told by colour alone. */
  sign: string;
  tone: Tone;
}

const HEALTH: Record<Health["name"], Omit<Health, "name">> = {
  well: { word: "in use", sign: "●", tone: "good" },
  troubled: { word: "in use, with trouble", sign: "▲", tone: "warn" },
  probing: { word: "being tried", sign: "◐", tone: "warn" },
  "left-alone": { word: "left alone", sign: "■", tone: "bad" },
  skipped: { word: "skipped", sign: "○", tone: "plain" },
};

export function healthOf({ live }: Provider): Health {
  const name = healthName(live);
  return { name, ...HEALTH[name] };
}

function healthName(live: Live | null): Health["name"] {
  if (live === null) return "skipped";
  if (live.state === "open") return "left-alone";
  if (live.state === "probing") return "probing";
  return live.alarms.length > 0 || live.troubled_models.length > 0 ? "troubled" : "well";
}

/** What only its owner can mend, in plain words, and what mends it. */
export function alarmWords(
  { key, base_url, name }: Provider,
  { alarm, model }: Alarm,
): { what: string; remedy: string } {
  switch (alarm) {
    case "credential":
      return {
        what: `${name} refuses the key.`,
        remedy:
          key === null
            ? "It gets none: name the variable that has it as api_key_env."
            : `Put a valid one into ${key.variable}, then start the router again.`,
      };
    case "quota":
      return {
        what: `The account at ${name} has no quota or credit left.`,
        remedy: "Top it up, or raise its limit, at the provider. Until then requests go to the next target.",
      };
    case "not-found":
      return {
        what: `${name} does not know the model ${model}.`,
        remedy: `Look it up among its models below and mend the name, in the client, a rule or its aliases${base_url === null ? "" : `; or base_url is wrong: ${base_url}`}.`,
      };
    case "tls":
      return {
        what: `The certificate of ${name} is not accepted.`,
        remedy: `Mend it at ${base_url ?? "the provider"}; an authority of your own goes into NODE_EXTRA_CA_CERTS.`,
      };
  }
}

/** Why something is left alone, and for how long still. `sinceMs`: so long ago the router said it. */
export function pauseWords(pauseMs: number, sinceMs: number): string {
  const left = pauseMs - sinceMs;
  return left > 0
    ? `tried again in ${durationText(Math.ceil(left / 1000) * 1000)}`
    : "tried again with the next request";
}

/** All providers in one line: `3 in use, 1 left alone`. */
export function summary(providers: readonly Provider[]): string {
  const names: Health["name"][] = ["well", "troubled", "probing", "left-alone", "skipped"];
  const counts = names.map((name) => ({ name, count: providers.filter((one) => healthOf(one).name === name).length }));
  const said = counts.filter(({ count }) => count > 0).map(({ name, count }) => `${count} ${HEALTH[name].word}`);
  return `${countedText(providers.length, "provider")}: ${said.join(" · ")}`;
}

/** Names clients can use there, those of its own and its aliases, that have all the words. */
export function modelsWith({ live, aliases }: Provider, search: string): { name: string; sent: string | undefined }[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const all = [
    ...Object.entries(aliases).map(([name, sent]) => ({ name, sent })),
    ...(live?.discovery.names ?? []).map((name) => ({ name, sent: undefined })),
  ];
  return all.filter(({ name, sent = "" }) => words.every((word) => `${name} ${sent}`.toLowerCase().includes(word)));
}

export interface Speed {
  model: string;
  samples: number;
  p50: number;
  /** Null: not measured, or too few. */
  p95: number | null;
}

/** Time to first token of each model measured, those with most samples first. */
export function latencies({ time_to_first_token }: Live): Speed[] {
  return time_to_first_token
    .map(({ model, samples, p50_ms, p95_ms }) => ({ model, samples, p50: p50_ms, p95: p95_ms }))
    .sort((a, b) => b.samples - a.samples);
}

/** Likewise of its output tokens per second. */
export function throughputs({ output_tokens_per_sec }: Live): Speed[] {
  return output_tokens_per_sec.map((one) => ({ ...one, p95: null })).sort((a, b) => b.samples - a.samples);
}

/** How what is measured compares with what the config says; undefined: near enough, or nothing to compare. */
export function comparison(of: "latency" | "throughput", speeds: readonly Speed[], configured: number | null) {
  const [first] = speeds;
  if (first === undefined || configured === null || configured === 0) return undefined;
  const times = of === "latency" ? first.p50 / configured : configured / Math.max(first.p50, 0.001);
  const rule = of === "latency" ? "latency" : "throughput";
  if (times >= 1.5) return `${factor(times)} slower than configured; the ${rule} rule goes by what is configured`;
  if (times <= 1 / 1.5)
    return `${factor(1 / times)} faster than configured; the ${rule} rule goes by what is configured`;
  return undefined;
}

function factor(times: number): string {
  return `${times < 10 ? times.toFixed(1) : Math.round(times)} times`;
}
