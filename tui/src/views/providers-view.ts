import type { ProviderSettings, Providers } from "../../../src/api/providers.ts";
import { terminalText } from "../../../src/core/terminal-text.ts";
import { wrap } from "../terminal/cells.ts";
import { cutLine, fit, type Line, type Style, span } from "../terminal/line.ts";
import type { ColourOf } from "./feed-view.ts";
import type { Sign } from "./stats-view.ts";
import { agoText, clockText, shortDuration } from "./words.ts";

type Provider = Providers["providers"][number];

/** How a provider is, in a word and a sign. */
export interface Health extends Sign {
  readonly words: string;
}

export function healthOf({ live }: Provider): Health {
  if (live === null) return { sign: "○", colour: "gray", words: "skipped" };
  if (live.state === "open") return { sign: "■", colour: "red", words: "left alone" };
  if (live.state === "probing") return { sign: "◐", colour: "yellow", words: "being tried" };
  if (live.alarms.length > 0 || live.troubled_models.length > 0) {
    return { sign: "▲", colour: "yellow", words: "in use, with trouble" };
  }
  return { sign: "●", colour: "green", words: "in use" };
}

/** Of a provider nothing is known of yet. */
export const UNKNOWN: Sign = { sign: "·", colour: "gray" };

export interface ProvidersData {
  readonly answer: Providers | undefined;
  /** Why there is none. */
  readonly problem: string | undefined;
  /** Since the answer came, ms. */
  readonly ageMs: number;
  readonly colourOf: ColourOf;
}

/** All providers as they are, as lines to be scrolled through. */
export function providerPage({ answer, problem, ageMs, colourOf }: ProvidersData, width: number): Line[] {
  const trouble = problem === undefined ? [] : notes("! ", problem, width, { colour: "red" });
  if (answer === undefined) return trouble.length > 0 ? trouble : [[span("asking the router …", { dim: true })]];
  const blocks = answer.providers.map((provider) => providerLines(provider, ageMs, colourOf, width));
  return [...trouble, ...blocks.flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]))];
}

function providerLines(provider: Provider, ageMs: number, colourOf: ColourOf, width: number): Line[] {
  const { name, format, preset, base_url, live } = provider;
  const { sign, colour, words } = healthOf(provider);
  const head: Line = [
    span(`${sign} `, { colour }),
    ...fit([span(name, { colour: colourOf(name), bold: true })], Math.max(16, name.length + 2)),
    ...fit([span(words, { colour })], 22),
    span(preset ?? format ?? "", { dim: true }),
    span(base_url === null ? "" : `  ${base_url}`, { dim: true }),
  ];
  return [
    cutLine(head, width),
    ...(live === null ? keyLines(provider, width) : liveLines(provider, live, ageMs, width)),
  ];
}

function keyLines({ key }: ProviderSettings, width: number): Line[] {
  const variable = key?.variable ?? "its key";
  return notes("  ", `${variable} is not set: set it and start the router again`, width, { colour: "yellow" });
}

type Live = NonNullable<Provider["live"]>;

function liveLines({ limits }: ProviderSettings, live: Live, ageMs: number, width: number): Line[] {
  return [
    ...breakerLines(live, ageMs, width),
    ...live.alarms.flatMap(({ alarm, reason, times, ago_ms }) =>
      notes("  ! ", `${alarm}: ${reason} (${times}×, ${agoText(ago_ms + ageMs)})`, width, { colour: "red" }),
    ),
    cutLine([span("  "), ...loadSpans(live, limits)], width),
    ...speedLines(live, width),
    ...errorLines(live, width),
  ];
}

function breakerLines({ state, reason, pause_ms, troubled_models }: Live, ageMs: number, width: number): Line[] {
  const again = (ms: number) =>
    ms - ageMs > 0 ? `tried again in ${shortDuration(ms - ageMs)}` : "tried again with the next request";
  const own =
    state === "closed" ? [] : notes("  ", `${reason ?? "left alone"}; ${again(pause_ms)}`, width, { colour: "yellow" });
  const models = troubled_models.flatMap(({ model, state: its, reason: why, pause_ms: ms, hold_ms }) => {
    const words = its === "closed" ? "asked to be left alone" : its === "open" ? "left alone" : "being tried";
    return notes("  ▲ ", `${model} ${words}: ${why ?? ""}; ${again(Math.max(ms, hold_ms))}`, width, {
      colour: "yellow",
    });
  });
  return [...own, ...models];
}

function loadSpans({ in_flight, queued, load, discovery }: Live, limits: ProviderSettings["limits"]): Line {
  const of = limits.max_concurrency === null ? "" : ` of ${limits.max_concurrency}`;
  return [
    span(String(in_flight), { bold: true }),
    span(`${of} in flight · `, { dim: true }),
    span(String(queued), { bold: true }),
    span(" queued", { dim: true }),
    span(load?.mean_ms == null ? "" : ` · ${shortDuration(load.mean_ms)} each`, { dim: true }),
    span(discovery.models > 0 ? ` · ${discovery.models} models` : "", { dim: true }),
  ];
}

/** `claude-opus-5   first token 320ms (p95 910ms)   48 tok/s`. */
function speedLines({ time_to_first_token, output_tokens_per_sec }: Live, width: number): Line[] {
  const name = Math.min(34, Math.max(14, Math.floor(width * 0.35)));
  return [...time_to_first_token]
    .sort((a, b) => b.samples - a.samples)
    .slice(0, 4)
    .map(({ model, p50_ms, p95_ms }) => {
      const speed = output_tokens_per_sec.find((one) => one.model === model);
      const line: Line = [
        span("  "),
        ...fit(cutLine([span(model)], name - 1), name),
        span("first token ", { dim: true }),
        span(shortDuration(p50_ms), { bold: true }),
        span(p95_ms === null ? "" : ` (p95 ${shortDuration(p95_ms)})`, { dim: true }),
        span(speed === undefined ? "" : `   ${Math.round(speed.p50)}`, { bold: true }),
        span(speed === undefined ? "" : " tok/s", { dim: true }),
      ];
      return cutLine(line, width);
    });
}

function errorLines({ last_errors }: Live, width: number): Line[] {
  return last_errors.slice(0, 3).map(({ ts_ms, model, kind, status, message }) => {
    // Most messages begin with the kind themselves.
    const what = message.startsWith(kind) ? "" : `${kind}${status === null ? "" : ` (${status})`} `;
    return cutLine(
      [span(`  ✗ ${clockText(ts_ms)} `, { dim: true }), span(`${what}${model}: ${message}`, { colour: "red" })],
      width,
    );
  });
}

function notes(lead: string, text: string, width: number, style: Style): Line[] {
  return wrap(terminalText(text), width - lead.length).map((piece, index) => [
    span(index === 0 ? lead : " ".repeat(lead.length), style),
    span(piece, style),
  ]);
}
