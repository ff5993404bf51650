import { type ReactNode, useState } from "react";
import type { LoggedMessage, LoggedResponse } from "../../../../src/record/events.ts";
import { countText } from "../../parts/format.ts";

type LoggedPart = LoggedMessage["content"][number];
type Arguments = LoggedResponse["tool_calls"][number]["arguments"];

/** One part of a message. Pictures and files are never in the record: where they came from, or how large they were, is. */
export function Part({ part }: { part: LoggedPart }) {
  switch (part["type"]) {
    case "text":
      return <Said part={part} name="text" />;
    case "reasoning":
      return (
        <Fold title="Thinking">
          <Said part={part} name="text" />
        </Fold>
      );
    case "tool_use":
      return <ToolCall name={String(part["name"] ?? "?")} given={part["input"] ?? null} chars={part["input_chars"]} />;
    case "tool_result":
      return (
        <Fold title={part["is_error"] === true ? "Result: an error" : "Result"} isBad={part["is_error"] === true}>
          <Said part={part} name="content" isCode />
        </Fold>
      );
    default:
      return <p className="placeholder">{mediaText(part)}</p>;
  }
}

/** What was said, or how much when that was not recorded. */
function Said({ part, name, isCode = false }: { part: LoggedPart; name: string; isCode?: boolean }) {
  const chars = part[`${name}_chars`];
  if (typeof chars === "number") return <Withheld chars={chars} />;
  return <LongText text={String(part[name] ?? "")} isCode={isCode} />;
}

/** `[logging] content = "none"`. */
export function Withheld({ chars }: { chars: number }) {
  return (
    <p className="placeholder">
      {chars.toLocaleString("en-US")} {chars === 1 ? "character" : "characters"}, not recorded
    </p>
  );
}

function mediaText(part: LoggedPart): string {
  const chars = part["base64_chars"];
  const facts = [
    part["url"] ?? part["file_id"],
    part["media_type"] ?? part["format"],
    // Four characters of base64 are three bytes.
    typeof chars === "number" ? sizeText((chars * 3) / 4) : undefined,
  ];
  return [part["type"], ...facts].filter((fact) => fact !== undefined && fact !== null).join(" · ");
}

function sizeText(bytes: number): string {
  return bytes < 1024 ? `${Math.round(bytes)} bytes` : `${countText(bytes / 1024)} KiB`;
}

/** `chars`: how long the arguments are, when they were not recorded. */
export function ToolCall({ name, given, chars }: { name: string; given: Arguments; chars?: unknown }) {
  if (typeof chars === "number") {
    return (
      <div>
        Calls <strong>{name}</strong>
        <Withheld chars={chars} />
      </div>
    );
  }
  const text = typeof given === "string" ? given : JSON.stringify(given, null, 2);
  const line = typeof given === "string" ? given : JSON.stringify(given);
  return (
    <Fold
      title={
        <>
          Calls <strong>{name}</strong> <code className="soft">{line.slice(0, 120)}</code>
        </>
      }
    >
      <LongText text={text} isCode />
    </Fold>
  );
}

export function Fold({ title, isBad = false, children }: { title: ReactNode; isBad?: boolean; children: ReactNode }) {
  return (
    <details className="fold">
      <summary className={isBad ? "bad ellipsis" : "ellipsis"}>{title}</summary>
      {children}
    </details>
  );
}

const CLIPPED = 3_000;

/** Text as it is; of a long one the beginning, until more is asked for. */
export function LongText({ text, isCode = false }: { text: string; isCode?: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const isClipped = !isWhole && text.length > 1.2 * CLIPPED;
  const shown = isClipped ? `${text.slice(0, CLIPPED)}…` : text;
  return (
    <>
      {isCode ? <pre>{shown}</pre> : <div className="prose">{shown}</div>}
      {isClipped && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {countText(text.length)} characters
        </button>
      )}
    </>
  );
}
