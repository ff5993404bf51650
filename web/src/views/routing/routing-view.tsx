import { useState } from "react";
import type { DryRun } from "../../../../src/api/routing.ts";
import { useApp, useEvents, useLoaded } from "../../app/context.ts";
import { hrefOf } from "../../app/routes.ts";
import { Segments } from "../../charts/segments.tsx";
import { Problem } from "../../parts/parts.tsx";
import { outlookOf, RANGES, spanOf } from "../overview/range.ts";
import { ChainPicture } from "./chain-picture.tsx";
import { Reloads } from "./reloads.tsx";
import { TryRequest } from "./try-request.tsx";
import "./routing.css";

/** The chain as it is configured, how often each rule decided, and what it would do with a request. */
export function RoutingView({ params }: { params: URLSearchParams }) {
  const { api } = useApp();
  const config = useLoaded("config", (signal) => api.config(signal));
  const outlook = outlookOf(params);
  const { data: stats } = useLoaded(
    `rules ${outlook.range}`,
    (signal) => {
      const { sinceMs, untilMs } = spanOf(outlook, Date.now());
      return api.stats({ since_ms: Math.round(sinceMs), until_ms: Math.round(untilMs), by: "rule" }, signal);
    },
    { everyMs: RANGES.find(({ name }) => name === outlook.range)?.everyMs ?? 60_000 },
  );
  useEvents((events) => {
    if (events.some(({ type }) => type === "config")) config.reload();
  });
  const [run, setRun] = useState<DryRun>();
  const ranges = RANGES.map(({ name, words }) => ({
    name,
    words,
    href: hrefOf("routing", { params: { ...Object.fromEntries(params), range: name } }),
  }));
  return (
    <div className="routing">
      <section className="routing-chain" aria-label="The chain">
        <header className="panel-head">
          <h2>The chain{config.data && <span className="soft"> · {sourceOf(config.data)}</span>}</h2>
          <Segments label="How often each rule decided, over" chosen={outlook.range} of={ranges} />
        </header>
        {config.error && <Problem title="The config is not known" error={config.error} retry={config.reload} />}
        {config.data && <Reloads reloads={config.data.reloads} />}
        {config.data && <ChainPicture config={config.data} stats={stats} run={run} />}
      </section>
      <TryRequest params={params} onRun={setRun} />
    </div>
  );
}

function sourceOf({ file, version }: { file: string | null; version: number }): string {
  return file === null ? "nothing was configured: this is what was found" : `${file}, version ${version}`;
}
