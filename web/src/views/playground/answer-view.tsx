import { type ReactNode, useState } from "react";
import { useApp } from "../../app/context.ts";
import { CopyButton } from "../../parts/copy-line.tsx";
import { curlOf } from "./curl.ts";
import { callsIn } from "./formats/blocks.ts";
import type { Block, Call, ToolResult } from "./formats/format.ts";
import { RouteTaken } from "./route-taken.tsx";
import type { Answer, Problem } from "./session.ts";

interface Props {
  answer: Answer;
  /** Undefined: its calls are answered already. */
  sendResults: ((results: ToolResult[]) => void) | undefined;
}

/** One answer as it comes, and the way it took. */
export function AnswerView({ answer, sendResults }: Props) {
  const { blocks, state, problem } = answer;
  const isOver = state !== "waiting" && state !== "saying";
  const calls = callsIn(blocks);
  return (
    <article className="turn turn-answer" aria-label="Answer" aria-busy={!isOver}>
      {blocks.map((block, place) => (
        <BlockView key={place} block={block} isOpen={!isOver && place === blocks.length - 1} />
      ))}
      {state === "waiting" && <p className="soft">Waiting for the first token …</p>}
      {problem && <Failure problem={problem} />}
      {state === "stopped" && <p className="warn">Stopped. The router has cancelled the request.</p>}
      {state === "done" && blocks.length === 0 && <p className="soft">The answer is empty.</p>}
      {isOver && calls.length > 0 && sendResults && <Results calls={calls} send={sendResults} />}
      <RouteTaken answer={answer} actions={<CopyCurl answer={answer} />} />
    </article>
  );
}

function CopyCurl({ answer }: { answer: Answer }): ReactNode {
  const { api } = useApp();
  return <CopyButton label="Copy as curl" text={curlOf(location.origin, answer.asked, api.hasKey)} />;
}

/** Thinking is folded, but while it is all there is. */
function BlockView({ block, isOpen }: { block: Block; isOpen: boolean }) {
  if (block.type === "text") return <p className="said">{block.text}</p>;
  if (block.type === "call") return <CallView call={block} />;
  return (
    <details className="thinking" open={isOpen}>
      <summary>Thinking{isOpen ? " …" : ""}</summary>
      <p className="said">{block.text === "" ? "(the provider keeps it to itself)" : block.text}</p>
    </details>
  );
}

function CallView({ call }: { call: Call }) {
  return (
    <div className="call">
      <span className="soft">calls </span>
      <code>{call.name}</code>
      <pre>{pretty(call.arguments)}</pre>
    </div>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // It is still coming, or the model wrote something else: shown as it is.
    return json;
  }
}

/** The playground runs no tools: who plays with it says what they would have said. */
function Results({ calls, send }: { calls: Call[]; send: (results: ToolResult[]) => void }) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  return (
    <form
      className="results"
      onSubmit={(event) => {
        event.preventDefault();
        send(calls.map(({ id, name }) => ({ id, name, text: texts[id] ?? "" })));
      }}
    >
      {calls.map(({ id, name }) => (
        <label key={id}>
          What <code>{name}</code> says
          <input
            value={texts[id] ?? ""}
            onChange={(event) => setTexts((before) => ({ ...before, [id]: event.target.value }))}
          />
        </label>
      ))}
      <button type="submit">Send {calls.length === 1 ? "the result" : "the results"}</button>
    </form>
  );
}

function Failure({ problem }: { problem: Problem }) {
  return (
    <div className="problem" role="alert">
      <strong>{problem.status === undefined ? "The answer broke off" : `Error ${problem.status}`}</strong>
      <p>{problem.message}</p>
      {problem.body !== undefined && (
        <details>
          <summary>The whole answer</summary>
          <pre>{pretty(problem.body)}</pre>
        </details>
      )}
    </div>
  );
}
