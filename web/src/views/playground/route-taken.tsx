import { type ReactNode, useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useApp } from "../../app/context.ts";
import { hrefOf } from "../../app/routes.ts";
import { type LiveRow, rowOfStored } from "../../live/row.ts";
import { Pill } from "../../parts/parts.tsx";
import { Duration, Money, Tokens } from "../../parts/values.tsx";
import type { Answer } from "./session.ts";

/** The feed tells of the end of an exchange at once; when it does not, the store is asked. */
const FEED_MS = 1_500;

/** The way an answer took through the router: from its headers first, then from the feed. */
export function RouteTaken({ answer, actions }: { answer: Answer; actions: ReactNode }) {
  const { head } = answer;
  const row = useRow(head?.exchange, answer.state !== "waiting" && answer.state !== "saying");
  if (!head) return null;
  const provider = row?.provider ?? head.provider;
  const model = row?.sentModel ?? head.model;
  return (
    <footer className="route">
      <dl>
        {provider !== undefined && (
          <Fact name="Route">
            <strong>{provider}</strong> → <code>{model ?? "no model"}</code>
          </Fact>
        )}
        {row?.rule && <Fact name="Rule">{row.rule}</Fact>}
        {row && row.tags.length > 0 && (
          <Fact name="Tags">
            {row.tags.map((tag) => (
              <Pill key={tag}>{tag}</Pill>
            ))}
          </Fact>
        )}
        {row && row.attemptCount > 1 && <Fact name="Attempts">{row.attemptCount}</Fact>}
        <Figures row={row} answer={answer} />
        {head.losses.length > 0 && (
          <Fact name="Lost in translation">
            <span className="warn">{head.losses.join(" · ")}</span>
          </Fact>
        )}
      </dl>
      <div className="route-actions">
        {head.exchange !== undefined && row?.endedMs !== undefined && (
          <a href={hrefOf("exchanges", { id: head.exchange })}>Open the exchange</a>
        )}
        {actions}
      </div>
    </footer>
  );
}

function Figures({ row, answer }: { row: LiveRow | undefined; answer: Answer }) {
  const input = row?.usage?.input_tokens ?? answer.inputTokens;
  const output = row?.outputTokens ?? answer.outputTokens;
  const isEstimated = row?.usage
    ? !row.usage.reported
    : row?.endedMs === undefined && answer.outputTokens === undefined;
  return (
    <>
      <Fact name="First token">
        <Duration ms={row?.timeToFirstTokenMs} />
      </Fact>
      {row?.durationMs != null && (
        <Fact name="Duration">
          <Duration ms={row.durationMs} />
        </Fact>
      )}
      <Fact name="Tokens">
        <Tokens count={input} /> in, <Tokens count={output} estimated={isEstimated} /> out
        {row && output !== undefined && <Speed row={row} output={output} />}
      </Fact>
      <Fact name="Cost">
        <Money cost={row?.cost} />
      </Fact>
    </>
  );
}

/** Tokens per second from the first one on. */
function Speed({ row, output }: { row: LiveRow; output: number }) {
  if (row.durationMs === null || row.timeToFirstTokenMs === null) return null;
  const ms = row.durationMs - row.timeToFirstTokenMs;
  if (ms < 50 || output < 2) return null;
  return <span className="number soft"> · {Math.round((output / ms) * 1_000)}/s</span>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The exchange as the feed tells of it, kept when the feed's book has forgotten it; from the store when the feed missed it. */
function useRow(id: string | undefined, isOver: boolean): LiveRow | undefined {
  const { api, live } = useApp();
  const [ended, setEnded] = useState<LiveRow>();
  const find = useCallback(() => (id === undefined ? undefined : live.find(id)), [id, live]);
  const subscribe = useCallback(
    (told: () => void) => (ended || id === undefined ? () => undefined : live.subscribe(told)),
    [ended, id, live],
  );
  const row = useSyncExternalStore(subscribe, () => ended ?? find());
  useEffect(() => {
    if (row?.endedMs !== undefined) setEnded(row);
  }, [row]);
  const isMissing = isOver && id !== undefined && row?.endedMs === undefined;
  useEffect(() => {
    if (!isMissing || id === undefined) return;
    const timer = setTimeout(() => {
      api.exchange(id).then(
        ({ exchange }) => setEnded(rowOfStored(exchange)),
        // Neither feed nor store: what the headers said stays.
        () => undefined,
      );
    }, FEED_MS);
    return () => clearTimeout(timer);
  }, [api, id, isMissing]);
  return row;
}
