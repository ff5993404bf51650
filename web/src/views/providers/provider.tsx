import { useMemo } from "react";
import type { Stats } from "../../../../src/api/stats.ts";
import { hrefOf } from "../../app/routes.ts";
import { countedText, shareOf } from "../../charts/data/rates.ts";
import { countsOf, type Span } from "../../charts/data/series.ts";
import { TimeChart } from "../../charts/time-chart.tsx";
import { countText, durationText, moneyText, percentText } from "../../parts/format.ts";
import { Meter } from "./meter.tsx";
import { Models } from "./models.tsx";
import { SpeedTable } from "./speed.tsx";
import { LastErrors, Trouble } from "./trouble.tsx";
import { healthOf, type Live, latencies, type Provider, throughputs } from "./words.ts";

export type Group = Stats["groups"][number];

export interface Traffic {
  span: Span;
  group: Group | undefined;
  step: number | null;
  onStep(step: number | null): void;
}

interface ProviderSectionProps {
  provider: Provider;
  /** How long ago the router said so, ms. */
  ageMs: number;
  nowMs: number;
  search: string;
  /** Undefined: the store does not know. */
  traffic: Traffic | undefined;
}

/** One provider: how it is, how busy, how fast, what it has, what went wrong. */
export function ProviderSection({ provider, ageMs, nowMs, search, traffic }: ProviderSectionProps) {
  const { live, name } = provider;
  const health = healthOf(provider);
  return (
    <section
      className={`provider provider-${health.name}`}
      aria-label={`${name}: ${health.word}`}
      tabIndex={-1}
      data-row
    >
      <header className="provider-head">
        <h2>
          <span className={`provider-sign ${health.tone}`} aria-hidden="true">
            {health.sign}
          </span>
          <a href={hrefOf("live", { params: { provider: name } })} title={`The exchanges of ${name}`}>
            {name}
          </a>
        </h2>
        <span className={`pill pill-${health.tone}`}>{health.word}</span>
        <Where provider={provider} />
      </header>
      {live === null ? <Skipped provider={provider} /> : <Trouble provider={provider} live={live} ageMs={ageMs} />}
      {live !== null && search.trim() === "" && (
        <div className={traffic ? "provider-grid" : "provider-grid provider-grid-short"}>
          <Load provider={provider} live={live} />
          {traffic && <TrafficChart name={name} traffic={traffic} nowMs={nowMs} />}
          <SpeedTable
            of="latency"
            title="Time to first token"
            speeds={latencies(live)}
            configured={provider.latency_ms}
            text={durationText}
          />
          <SpeedTable
            of="throughput"
            title="Output tokens per second"
            speeds={throughputs(live)}
            configured={provider.throughput_tokens_per_sec}
            text={(value) => `${value < 10 ? value.toFixed(1) : countText(Math.round(value))}/s`}
          />
        </div>
      )}
      <More provider={provider} search={search} ageMs={ageMs} />
    </section>
  );
}

/** What is folded away until somebody asks for it. */
function More({ provider, search, ageMs }: Pick<ProviderSectionProps, "provider" | "search" | "ageMs">) {
  const { live } = provider;
  return (
    <div className="provider-more">
      <Models provider={provider} search={search} ageMs={ageMs} />
      {live !== null && (
        <details>
          <summary>
            Last errors <span className="soft">{live.last_errors.length === 0 ? "none" : live.last_errors.length}</span>
          </summary>
          <LastErrors errors={live.last_errors} />
        </details>
      )}
      <details>
        <summary>Settings</summary>
        <Settings provider={provider} />
      </details>
    </div>
  );
}

function Where({ provider: { preset, format, base_url, key } }: { provider: Provider }) {
  const kind = preset === null || preset === format ? format : `${preset}, ${format}`;
  return (
    <span className="provider-where soft">
      {kind}
      {base_url !== null && <span className="mono"> {base_url}</span>}
      {key !== null && (
        <span className={key.set ? undefined : "bad"}>
          {" · key in "}
          <code>{key.variable}</code>
          {key.set ? ", set" : ", not set"}
        </span>
      )}
    </span>
  );
}

function Skipped({ provider: { name, key } }: { provider: Provider }) {
  const variable = key?.variable ?? "its api_key_env";
  return (
    <p className="provider-skipped">
      No request goes to {name}: its key is missing. Set <code>{variable}</code>, for instance in a <code>.env</code>{" "}
      file beside the config, and start the router again.
    </p>
  );
}

function Load({ provider: { limits }, live }: { provider: Provider; live: Live }) {
  const isLimited = limits.max_concurrency !== null || limits.requests_per_minute !== null;
  return (
    <section className="load">
      <h3>Load</h3>
      <Meter name="in flight" value={live.in_flight} limit={limits.max_concurrency} />
      {isLimited && <Meter name="queued" value={live.queued} limit={limits.max_queue} />}
      <p className="soft">
        {limits.requests_per_minute !== null && `${countText(limits.requests_per_minute)} requests a minute at most. `}
        {!isLimited && "No limits configured."}
        {typeof live.load?.mean_ms === "number" && `A request takes ${durationText(live.load.mean_ms)} on average.`}
      </p>
    </section>
  );
}

function TrafficChart({ name, traffic, nowMs }: { name: string; traffic: Traffic; nowMs: number }) {
  const { span, group, step, onStep } = traffic;
  const { since_ms, until_ms, step_ms } = span;
  const lines = useMemo(() => {
    const points = group?.points ?? [];
    const steps = { since_ms, until_ms, step_ms };
    const errors = countsOf(steps, points, (all) => all.errors);
    const well = countsOf(steps, points, (all) => all.requests - all.errors);
    return [
      { key: "errors", label: "errors", paint: "bad" as const, values: errors },
      { key: "well", label: "well", paint: "accent" as const, values: well },
    ];
  }, [group, since_ms, until_ms, step_ms]);
  const total = group?.total;
  const at = step === null ? undefined : { errors: lines[0]?.values[step] ?? 0, well: lines[1]?.values[step] ?? 0 };
  const [requests, errors] = at ? [at.errors + at.well, at.errors] : [total?.requests ?? 0, total?.errors ?? 0];
  return (
    <section className="provider-traffic">
      <h3>
        Last hour
        <span className="soft">
          {" "}
          · {countedText(requests, "request")},{" "}
          <span className={errors > 0 ? "bad" : undefined}>{countedText(errors, "error")}</span>
          {errors > 0 && ` (${percentText(shareOf(errors, requests))})`}
        </span>
      </h3>
      {total !== undefined && total.requests > 0 && (
        <TimeChart
          title={`Requests to ${name} in the last hour`}
          kind="bars"
          lines={lines}
          span={span}
          nowMs={nowMs}
          format={countText}
          height={64}
          isSmall
          step={step}
          onStep={onStep}
        />
      )}
      {total?.duration_ms && (
        <p className="soft">
          half complete in {durationText(total.duration_ms.p50)}, 95 % in {durationText(total.duration_ms.p95)}
          {total.cost_usd > 0 && ` · ${moneyText(total.cost_usd)}`}
        </p>
      )}
    </section>
  );
}

function Settings({ provider }: { provider: Provider }) {
  const { timeout, limits, headers, quality, cost_per_1m_tokens: price, prices, model_prices } = provider;
  const rows: [string, string][] = [
    ...Object.entries(timeout).map(([name, ms = 0]): [string, string] => [
      `timeout.${name}`,
      ms === 0 ? "off" : durationText(ms),
    ]),
    ["max_queue_ms", durationText(limits.max_queue_ms)],
    ["quality", String(quality)],
    ["cost_per_1m_tokens", price === null ? "not given" : moneyText(price)],
    ["prices", prices === null ? "not given" : priceText(prices)],
    ...Object.entries(model_prices).map(([model, each]): [string, string] => [`prices.${model}`, priceText(each)]),
    ["headers", headers.join(", ") || "none"],
  ];
  return (
    <dl className="provider-settings">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt className="mono">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** For a million tokens, each kind that has a price. */
function priceText(prices: NonNullable<Provider["prices"]>): string {
  return Object.entries(prices)
    .map(([kind, usd = 0]) => `${kind} ${moneyText(usd)}`)
    .join(", ");
}
