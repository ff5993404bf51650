import { useCallback, useRef, useState } from "react";
import type { Stats } from "../../../../src/api/stats.ts";
import { useApp, useLoaded } from "../../app/context.ts";
import { go, hrefOf } from "../../app/routes.ts";
import { FlowPicture } from "../../charts/flow/flow-picture.tsx";
import type { Node } from "../../charts/flow/graph.ts";
import { Segments } from "../../charts/segments.tsx";
import { momentText } from "../../parts/format.ts";
import { Panel } from "../../parts/parts.tsx";
import { useNow } from "../../parts/values.tsx";
import { Figures } from "./figures.tsx";
import { listHref } from "./grouping.ts";
import { Groups } from "./groups.tsx";
import { NoStats, NothingYet, StoreNote } from "./notes.tsx";
import { type Outlook, outlookOf, paramsOf, RANGES, spanOf } from "./range.ts";
import "./overview.css";

/** Who waits for the first request does not wait long. */
const EMPTY_MS = 3_000;

/** How it went: over minutes or a month. */
export function OverviewView({ params }: { params: URLSearchParams }) {
  const { api } = useApp();
  const outlook = outlookOf(params);
  const { range, fixed, by } = outlook;
  // What was shown stays until there is something else to show: nothing flickers.
  const last = useRef<Stats | undefined>(undefined);
  const usualMs = RANGES.find(({ name }) => name === outlook.range)?.everyMs;
  const everyMs = last.current?.total.requests === 0 && usualMs !== undefined ? EMPTY_MS : usualMs;
  const asked = useLoaded(
    JSON.stringify([range, fixed, by]),
    (signal) => {
      const { sinceMs, untilMs } = spanOf(outlook, Date.now());
      return api.stats({ since_ms: Math.round(sinceMs), until_ms: Math.round(untilMs), by }, signal);
    },
    everyMs === undefined ? {} : { everyMs },
  );
  const status = useLoaded("status", (signal) => api.status(signal), { everyMs: 10_000 });
  last.current = asked.data ?? last.current;
  const stats = last.current;
  return (
    <>
      <header className="overview-head">
        <Segments label="Time" chosen={range} of={rangesOf(outlook)} />
        {fixed && <FixedSpan outlook={outlook} />}
        <StoreNote status={status.data} />
      </header>
      {asked.error && <NoStats error={asked.error} isOld={stats !== undefined} retry={asked.reload} />}
      {stats && stats.total.requests > 0 && <Report stats={stats} outlook={outlook} />}
      {stats && stats.total.requests === 0 && !asked.error && (
        <NothingYet
          isEmpty={status.data?.store.exchanges === 0}
          outlook={outlook}
          longest={overviewHref({ ...outlook, range: "30d", fixed: undefined })}
        />
      )}
      {!stats && !asked.error && <p className="soft">Asking the router…</p>}
    </>
  );
}

function Report({ stats, outlook }: { stats: Stats; outlook: Outlook }) {
  const nowMs = useNow();
  const [step, setStep] = useState<number | null>(null);
  const onZoom = (sinceMs: number, untilMs: number) =>
    go(overviewHref({ ...outlook, fixed: { sinceMs, untilMs: Math.min(untilMs, Date.now()) } }));
  const watching = { span: stats, nowMs, step, onStep: setStep, onZoom };
  return (
    <>
      <Figures stats={stats} watching={watching} />
      <Groups stats={stats} outlook={outlook} hrefOf={overviewHref} watching={watching} />
      <Flows stats={stats} />
    </>
  );
}

function Flows({ stats: { flows } }: { stats: Stats }) {
  const linkOf = useCallback(({ column, keys }: Node) => {
    const [key] = keys;
    return key === undefined || keys.length > 1 ? undefined : listHref(column === "tags" ? "tag" : column, key);
  }, []);
  return (
    <Panel title="Ways of requests">
      <FlowPicture flows={flows} linkOf={linkOf} />
    </Panel>
  );
}

function FixedSpan({ outlook }: { outlook: Outlook }) {
  const { sinceMs, untilMs } = spanOf(outlook, 0);
  return (
    <span className="overview-fixed">
      {momentText(sinceMs).slice(0, 16)} – {momentText(untilMs).slice(0, 16)}
      <a href={overviewHref({ ...outlook, range: "1h", fixed: undefined })}>back to now</a>
    </span>
  );
}

function rangesOf(outlook: Outlook) {
  return RANGES.map(({ name, words }) => ({
    name,
    words,
    href: overviewHref({ ...outlook, range: name, fixed: undefined }),
  }));
}

function overviewHref(outlook: Outlook): string {
  return hrefOf("overview", { params: paramsOf(outlook) });
}
