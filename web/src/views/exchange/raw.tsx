import { useMemo, useState } from "react";
import type { ExchangeDetail, RawSide } from "../../../../src/api/exchanges.ts";
import { CopyButton } from "../../parts/copy-line.tsx";
import { countText } from "../../parts/format.ts";
import { Panel } from "../../parts/parts.tsx";
import { Fold } from "./part.tsx";

/** What went over the wire on both sides, and the record itself. */
export function Raw({ detail }: { detail: ExchangeDetail | undefined }) {
  const record = detail?.record;
  return (
    <Panel title="Raw">
      {detail?.raw ? (
        <div className="raw-sides">
          <Side name="Client and router" side={detail.raw.client} />
          {detail.raw.provider ? (
            <Side name="Router and provider" side={detail.raw.provider} />
          ) : (
            <p className="soft">Nothing was sent to a provider.</p>
          )}
        </div>
      ) : (
        <p className="soft">
          What went over the wire is not here any more: it is kept in memory for the latest exchanges only, never on
          disk.
        </p>
      )}
      {record && (
        <Fold title="Record, as the log has it">
          <Code text={JSON.stringify(record)} />
        </Fold>
      )}
    </Panel>
  );
}

function Side({ name, side }: { name: string; side: RawSide }) {
  return (
    <section className="raw-side" aria-label={name}>
      <h3>{name}</h3>
      <p className="mono">
        {side.method} {side.path} → {side.status ?? "no status"}
      </p>
      {side.truncated && <p className="soft">Only the beginning of a long body was kept.</p>}
      <Fold title={`Request headers (${Object.keys(side.request_headers).length})`}>
        <Headers headers={side.request_headers} />
      </Fold>
      <Body name="Request" text={side.request} />
      <Fold title={`Response headers (${Object.keys(side.response_headers).length})`}>
        <Headers headers={side.response_headers} />
      </Fold>
      <Body name="Response" text={side.response} />
    </section>
  );
}

function Headers({ headers }: { headers: Record<string, string> }) {
  return (
    <dl className="pairs mono">
      {Object.entries(headers).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Body({ name, text }: { name: string; text: string | null }) {
  if (text === null) return <p className="soft">{name}: no body</p>;
  return (
    <Fold title={`${name} body, ${countText(text.length)} characters`}>
      <Code text={text} />
    </Fold>
  );
}

const SHOWN = 100_000;

/** JSON set out in lines, anything else as it is. */
function Code({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const lines = useMemo(() => laidOut(text), [text]);
  const isClipped = !isWhole && lines.length > SHOWN;
  return (
    <div className="code">
      <CopyButton text={text} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{isClipped ? lines.slice(0, SHOWN) : lines}</pre>
      {isClipped && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {countText(lines.length)} characters
        </button>
      )}
    </div>
  );
}

function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // A stream, or JSON that was cut.
    return text;
  }
}
