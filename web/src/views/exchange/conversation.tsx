import { useState } from "react";
import type { LoggedMessage } from "../../../../src/record/events.ts";
import type { ExchangeRecord } from "../../exchange/record.ts";
import type { LiveRow } from "../../live/row.ts";
import { Panel } from "../../parts/parts.tsx";
import { Fold, LongText, Part, ToolCall, Withheld } from "./part.tsx";

interface ConversationProps {
  row: LiveRow;
  record: ExchangeRecord | undefined;
  isLoading: boolean;
}

/** Prompt and answer, to be read. While it is under way: what is being said. */
export function Conversation({ row, record, isLoading }: ConversationProps) {
  return (
    <Panel title="Conversation">
      {record ? <Recorded record={record} row={row} /> : <Underway row={row} isLoading={isLoading} />}
    </Panel>
  );
}

/** Of a longer prompt the feed has the beginning only. */
const PREVIEW_CHARS = 200;

function Underway({ row, isLoading }: { row: LiveRow; isLoading: boolean }) {
  const isFlying = row.endedMs === undefined;
  return (
    <div className="ex-turns">
      {row.preview !== null && (
        <Turn who="user">
          <LongText text={row.preview.length < PREVIEW_CHARS ? row.preview : `${row.preview}…`} />
        </Turn>
      )}
      {row.reasoning !== "" && (
        <Turn who="thinking">
          <div className="prose soft">{row.reasoning}</div>
        </Turn>
      )}
      {(row.text !== "" || isFlying) && (
        <Turn who="assistant">
          <div className="prose">
            {row.text}
            {isFlying && <span className="caret" aria-hidden="true" />}
          </div>
          {row.tool !== null && <p className="soft">Calls {row.tool}</p>}
        </Turn>
      )}
      {isFlying ? (
        <p className="soft">It is under way: the whole conversation is here when it is over.</p>
      ) : (
        isLoading && <p className="soft">Loading the record…</p>
      )}
    </div>
  );
}

/** Agents send hundreds of messages with each request: the last ones are those of interest. */
const SHOWN = 6;

function Recorded({ record, row }: { record: ExchangeRecord; row: LiveRow }) {
  const { system, systemChars, messages } = record;
  const [isAll, setAll] = useState(false);
  const earlier = isAll ? 0 : Math.max(0, messages.length - SHOWN);
  const isBare = system === null && messages.length === 0;
  return (
    <div className="ex-turns">
      {isBare && <p className="soft">What was said is not in the record. It is when [logging] content is "full".</p>}
      {system !== null && (
        <Turn who="system">
          <Fold title={`System prompt, ${system.length.toLocaleString("en-US")} characters`}>
            <LongText text={system} />
          </Fold>
        </Turn>
      )}
      {systemChars !== null && (
        <Turn who="system">
          <Withheld chars={systemChars} />
        </Turn>
      )}
      {earlier > 0 && (
        <button type="button" onClick={() => setAll(true)}>
          Show {earlier} earlier {earlier === 1 ? "message" : "messages"}
        </button>
      )}
      {messages.slice(earlier).map((message, index) => (
        <Message key={earlier + index} message={message} />
      ))}
      <Answer record={record} row={row} />
    </div>
  );
}

function Message({ message }: { message: LoggedMessage }) {
  return (
    <Turn who={message.role}>
      {message.content.map((part, index) => (
        <Part key={index} part={part} />
      ))}
    </Turn>
  );
}

const STOPS: Record<string, string> = {
  max_tokens: "It ended at the output limit.",
  other: "It ended for a reason of its own (a refusal, a filter, an error).",
};

function Answer({ record, row }: { record: ExchangeRecord; row: LiveRow }) {
  const { response, hasResponse } = record;
  if (!hasResponse) {
    return (
      <Turn who="answer">
        <p className={row.error === null ? "soft" : "bad"}>{row.error ?? "There was no answer."}</p>
      </Turn>
    );
  }
  const stop = response.stopReason === null ? undefined : STOPS[response.stopReason];
  return (
    <Turn who="answer">
      {response.content !== "" && <LongText text={response.content} />}
      {response.tool_calls.map((call, index) => (
        <ToolCall key={`${index} ${call.id}`} name={call.name} given={call.arguments} chars={call.arguments_chars} />
      ))}
      {response.contentChars !== null && response.contentChars > 0 && <Withheld chars={response.contentChars} />}
      {response.content === "" && !response.contentChars && response.tool_calls.length === 0 && (
        <p className="soft">An answer without text.</p>
      )}
      {response.isTruncated && <p className="soft">Only the beginning was kept.</p>}
      {stop !== undefined && <p className="soft">{stop}</p>}
    </Turn>
  );
}

function Turn({ who, children }: { who: string; children: React.ReactNode }) {
  return (
    <div className={`ex-turn ex-turn-${who === "answer" ? "answer" : "said"}`}>
      <h3>{who}</h3>
      <div className="ex-turn-parts">{children}</div>
    </div>
  );
}
