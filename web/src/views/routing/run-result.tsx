import type { DryRun } from "../../../../src/api/routing.ts";
import { durationText } from "../../parts/format.ts";
import { Pill, type Tone } from "../../parts/parts.tsx";
import { Money, Tokens } from "../../parts/values.tsx";
import { conclusion } from "./why.ts";

const STATES: Record<DryRun["targets"][number]["state"], { word: string; tone: Tone }> = {
  closed: { word: "● in use", tone: "good" },
  open: { word: "■ left alone", tone: "bad" },
  probing: { word: "◐ being tried", tone: "warn" },
};

/** What came of the dry run: who gets it, who after that, what it cannot be told, what it would cost. */
export function RunResult({ run }: { run: DryRun }) {
  const { targets, losses, plugins, unasked, tags, needs } = run;
  return (
    <div className="result">
      <p className={targets.length === 0 ? "result-head bad" : "result-head"} role="status">
        {conclusion(run)}
      </p>
      {targets.length > 0 && (
        <>
          <h3>Targets, in the order of failover</h3>
          <ol className="targets">
            {targets.map(({ provider, model, state, hold_ms, why }) => (
              <li key={`${provider} ${model}`}>
                <b>{provider}</b> <code>{model}</code> <Pill tone={STATES[state].tone}>{STATES[state].word}</Pill>
                {" · "}
                {why}
                {hold_ms > 0 && <span className="warn"> asked to be left alone for {durationText(hold_ms)}</span>}
              </li>
            ))}
          </ol>
        </>
      )}
      <dl className="result-facts">
        <dt>Tags</dt>
        <dd>{tags.length === 0 ? "none" : tags.join(", ")}</dd>
        <dt>Needs</dt>
        <dd>{needs.length === 0 ? "nothing special" : needs.join(", ")}</dd>
        {plugins.length > 0 && (
          <>
            <dt>Plugins</dt>
            <dd>{plugins.join(", ")}: they were not asked, and may change the decision</dd>
          </>
        )}
        {unasked.length > 0 && (
          <>
            <dt>Classifiers</dt>
            <dd>{unasked.join(", ")}: they would ask somebody, so they were not run; their tags are missing here</dd>
          </>
        )}
        <dt>Prompt</dt>
        <dd>
          <Tokens count={run.input_tokens} estimated /> tokens, <Money cost={run.input_cost} />
        </dd>
        {run.expected && (
          <>
            <dt>Expected</dt>
            <dd>
              <Money cost={run.expected.cost} />, <Tokens count={run.expected.cached_tokens} estimated /> tokens of the
              prompt cached, <Tokens count={run.expected.output_tokens} estimated /> in the answer
            </dd>
          </>
        )}
        {run.affinity && (
          <>
            <dt>Conversation</dt>
            <dd>
              answered before by <b>{run.affinity.provider}</b> <code>{run.affinity.model}</code>
            </dd>
          </>
        )}
        <dt>Losses</dt>
        <dd>
          {losses.length === 0 && "none: the first target can be told everything"}
          {losses.length > 0 && (
            <ul className="losses">
              {losses.map(({ field, treatment }) => (
                <li key={`${field} ${treatment}`}>
                  <code>{field}</code>: {treatment}
                </li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
    </div>
  );
}
