import { useApp } from "../../app/context.ts";
import { useKeys } from "../../app/keyboard.ts";
import { go, hrefOf } from "../../app/routes.ts";
import { verdictsOf } from "../../exchange/record.ts";
import { Empty, Problem } from "../../parts/parts.tsx";
import { Conversation } from "./conversation.tsx";
import "./exchange.css";
import { ExchangeHead } from "./head.tsx";
import { Decision, Losses, Warnings } from "./notes.tsx";
import { Raw } from "./raw.tsx";
import { Timings } from "./timings.tsx";
import { type Shown, useExchange } from "./use-exchange.ts";

/** Everything that is known of one exchange, also while it is under way. `back`: the address of the list it was opened from. */
export function ExchangeView({ id, back }: { id: string; back: string }) {
  const shown = useExchange(id);
  useExchangeKeys(id, back);
  if (!shown.row) return <Missing id={id} shown={shown} />;
  return <Whole shown={shown} row={shown.row} back={back} />;
}

function Whole({ shown, row, back }: { shown: Shown; row: NonNullable<Shown["row"]>; back: string }) {
  const { record, detail, problem, isLoading } = shown;
  const isOver = row.endedMs !== undefined;
  const missing = detail?.record_missing ?? problem?.message;
  return (
    <article className="exchange">
      <ExchangeHead row={row} record={record} raw={detail?.raw ?? undefined} back={back} />
      {isOver && !record && missing && (
        <p className="note" role="status">
          The record of this exchange is not to be had: {missing.replace(/[.\s]*$/, ".")} What is below is what the page
          and the index know.
        </p>
      )}
      <div className="exchange-columns">
        <div className="exchange-main">
          <Conversation row={row} record={record} isLoading={isLoading} />
        </div>
        <aside aria-label="How it went">
          <Timings row={row} attempts={record?.attempts ?? row.attempts} />
          <Decision
            rule={row.rule}
            provider={row.provider}
            inputs={record?.inputs ?? []}
            switched={record?.switched ?? null}
            verdicts={record?.decision ?? verdictsOf(row.decision)}
            isKnown={record !== undefined || row.decision.length > 0}
          />
          <Losses losses={record?.losses} count={row.losses} />
          <Warnings warnings={record?.warnings ?? row.warnings} count={row.warningCount} />
        </aside>
      </div>
      {isOver && !isLoading && <Raw detail={detail} />}
    </article>
  );
}

function Missing({ id, shown }: { id: string; shown: Shown }) {
  if (shown.isLoading) return <p className="soft">Loading…</p>;
  const { problem, reload } = shown;
  const isGone = problem !== undefined && "status" in problem && problem.status === 404;
  if (problem && !isGone) return <Problem title="The exchange could not be loaded" error={problem} retry={reload} />;
  return (
    <Empty
      title="No such exchange"
      hint={
        <>
          <code>{id}</code> is not under way, and the store does not have it (any more). {problem?.message}
        </>
      }
    >
      <p>
        <a href={hrefOf("live")}>All exchanges</a>
      </p>
    </Empty>
  );
}

/** `Esc` goes back to the list; `j` and `k` to its neighbours there. */
function useExchangeKeys(id: string, back: string): void {
  const { live } = useApp();
  const step = (by: 1 | -1) => {
    const { flying, done } = live.view();
    const rows = [...flying, ...done];
    const at = rows.findIndex((row) => row.id === id);
    const next = at === -1 ? undefined : rows[at + by];
    if (next) go(hrefOf("exchanges", { id: next.id }));
  };
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => go(back) });
}
