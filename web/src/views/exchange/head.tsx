import type { ReactNode } from "react";
import type { RawExchange } from "../../../../src/api/exchanges.ts";
import { useApp } from "../../app/context.ts";
import { hrefOf } from "../../app/routes.ts";
import { curlOfRaw, curlOfRecord } from "../../exchange/curl.ts";
import type { ExchangeRecord } from "../../exchange/record.ts";
import { isFailure } from "../../live/book.ts";
import { phaseOf, tokensPerSecond } from "../../live/rate.ts";
import type { LiveRow } from "../../live/row.ts";
import { CopyButton } from "../../parts/copy-line.tsx";
import { countText, momentText } from "../../parts/format.ts";
import { Pill, Stat, type Tone } from "../../parts/parts.tsx";
import { Duration, Money, Tokens, useNow } from "../../parts/values.tsx";

interface HeadProps {
  row: LiveRow;
  record: ExchangeRecord | undefined;
  raw: RawExchange | undefined;
}

/** Where it went, how it ended, what it took. */
export function ExchangeHead({ row, record, raw, back }: HeadProps & { back: string }) {
  return (
    <header className="exchange-head">
      <p className="exchange-path">
        <a href={back}>Live</a> <span className="soft">/</span> <code>{row.id}</code>
        <CopyButton text={row.id} label="Copy id" />
        <CurlButton row={row} record={record} raw={raw} />
      </p>
      <h2 className="exchange-title">
        <span>{row.requestedModel ?? "?"}</span> <span className="soft">→</span>{" "}
        <span>
          {row.provider ?? "nowhere"}
          {row.sentModel !== null && row.sentModel !== row.requestedModel && ` · ${row.sentModel}`}
        </span>{" "}
        <Pill tone={toneOf(row)}>{phaseOf(row)}</Pill>
      </h2>
      {row.error !== null && <p className="exchange-error">{row.error}</p>}
      <Figures row={row} />
      <Facts row={row} record={record} />
    </header>
  );
}

function toneOf(row: LiveRow): Tone {
  if (row.endedMs === undefined) return "accent";
  if (isFailure(row.outcome)) return "bad";
  return row.outcome === "ok" ? "good" : "warn";
}

function Figures({ row }: { row: LiveRow }) {
  const { usage, timeToFirstTokenMs } = row;
  const rate = tokensPerSecond(row);
  const isEstimated = usage ? !usage.reported : true;
  const cached = [
    usage && usage.cached_read_tokens > 0 ? `${countText(usage.cached_read_tokens)} cached` : "",
    usage && usage.cache_write_tokens > 0 ? `${countText(usage.cache_write_tokens)} to the cache` : "",
  ].filter(Boolean);
  return (
    <dl className="stats">
      <Stat name="took">
        {row.endedMs === undefined ? <Running sinceMs={row.startedMs} /> : <Duration ms={row.durationMs} />}
      </Stat>
      <Stat name="first token">
        <Duration ms={timeToFirstTokenMs} />
      </Stat>
      <Stat name="input tokens" note={cached.length > 0 ? cached.join(", ") : undefined}>
        <Tokens count={usage?.input_tokens} estimated={isEstimated} />
      </Stat>
      <Stat
        name="output tokens"
        note={usage && usage.reasoning_tokens > 0 ? `${countText(usage.reasoning_tokens)} of reasoning` : undefined}
      >
        <Tokens count={row.outputTokens} estimated={isEstimated} />
      </Stat>
      {rate !== undefined && <Stat name="tokens/s">{countText(Math.round(rate))}</Stat>}
      <Stat name="cost" note={row.cost ? SOURCES[row.cost.source] : undefined}>
        <Money cost={row.cost} />
      </Stat>
      {row.attemptCount > 1 && <Stat name="attempts">{row.attemptCount}</Stat>}
    </dl>
  );
}

const SOURCES: Record<NonNullable<LiveRow["cost"]>["source"], string | undefined> = {
  configured: "your price",
  catalogue: "catalogue price",
  unknown: "price not known",
  none: undefined,
};

function Running({ sinceMs }: { sinceMs: number }) {
  return <>{Math.max(0, Math.floor((useNow() - sinceMs) / 1_000))} s …</>;
}

function Facts({ row, record }: { row: LiveRow; record: ExchangeRecord | undefined }) {
  const facts: [string, ReactNode][] = [
    ["began", momentText(row.startedMs)],
    ["client", [row.agent, row.client && `${row.client} API`].filter(Boolean).join(", ")],
    ["key", record?.key],
    ["session", row.session && <a href={hrefOf("live", { params: { session: row.session } })}>{row.session}</a>],
    ["mode", modeOf(row)],
    ["status", row.status],
    ["tags", row.tags.length > 0 && <Pills values={row.tags} />],
    ["answer's tags", row.responseTags.length > 0 && <Pills values={row.responseTags} />],
    ["plugins", row.plugins.join(", ")],
    ["config version", record?.configVersion],
    ["trace", record?.traceId && <code>{record.traceId}</code>],
    ["prompt prefix", record?.prefixHash && <code>{record.prefixHash}</code>],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === null || value === undefined || value === false || value === "" ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function modeOf(row: LiveRow): string {
  return row.stream ? "streamed" : "whole";
}

function Pills({ values }: { values: readonly string[] }) {
  return (
    <>
      {values.map((tag) => (
        <a key={tag} href={hrefOf("live", { params: { tag } })}>
          <Pill tone="accent">{tag}</Pill>
        </a>
      ))}
    </>
  );
}

function CurlButton({ row, record, raw }: HeadProps) {
  const { api } = useApp();
  const whole = raw && curlOfRaw(location.origin, raw.client, api.hasKey);
  if (whole !== undefined) return <CopyButton text={whole} label="Copy as curl" />;
  const { requestedModel: model, stream } = row;
  if (!record || model === null) return null;
  const { system, messages } = record;
  const text = curlOfRecord(location.origin, { model, stream, system, messages }, api.hasKey);
  if (text === undefined) return null;
  return (
    <span title="Built from the record: its text without tools, pictures and settings">
      <CopyButton text={text} label="Copy text as curl" />
    </span>
  );
}
