import type { Warning } from "../../../../src/record/events.ts";
import type { ExchangeRecord, Moved, Verdict } from "../../exchange/record.ts";
import { countText, moneyText } from "../../parts/format.ts";
import { Panel, Pill } from "../../parts/parts.tsx";
import { Fold } from "./part.tsx";

const SIGNS: Record<string, string> = { chosen: "✓", passed: "–", incapable: "!", "not-asked": "·" };
const MEANINGS: Record<string, string> = {
  chosen: "took it",
  passed: "did not match",
  incapable: "its model cannot do it",
  "not-asked": "not asked any more",
};

interface DecisionProps {
  rule: string | null;
  provider: string | null;
  verdicts: readonly Verdict[];
  inputs: ExchangeRecord["inputs"];
  switched: Moved | null;
  isKnown: boolean;
}

/** What each rule said, in order; whether its conversation moved by that; and what they went by. */
export function Decision({ rule, provider, verdicts, inputs, switched, isKnown }: DecisionProps) {
  return (
    <Panel title="Decision">
      {verdicts.length > 0 ? (
        <ol className="ex-verdicts">
          {verdicts.map((verdict, index) => (
            <li key={`${index} ${verdict.label}`} className={`ex-verdict ex-verdict-${verdict.outcome}`}>
              <span className="ex-verdict-sign" aria-hidden="true">
                {SIGNS[verdict.outcome] ?? "?"}
              </span>
              <div>
                <div>{verdict.label}</div>
                <div className="second">{verdictText(verdict)}</div>
              </div>
            </li>
          ))}
        </ol>
      ) : (
        <p className="soft">{noVerdict(rule, provider, isKnown)}</p>
      )}
      {switched && <p className="warn">{movedText(switched)}</p>}
      {inputs.length > 0 && (
        <Fold title="What rules went by">
          <dl className="pairs">
            {inputs.map(([name, words], index) => (
              <div key={`${index} ${name}`}>
                <dt>{name}</dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
        </Fold>
      )}
    </Panel>
  );
}

function verdictText({ outcome, provider, model, reason }: Verdict): string {
  const offer = provider === null ? "" : `${provider}${model === null ? "" : ` · ${model}`}`;
  return [MEANINGS[outcome] ?? outcome, offer, reason].filter(Boolean).join(": ");
}

function movedText({ provider, model, uncachedTokens, usd }: Moved): string {
  const cost = usd === null ? "" : `, ${moneyText(usd)} more`;
  return `The conversation left ${provider} · ${model}: ${countText(uncachedTokens)} tokens no longer cached${cost}.`;
}

function noVerdict(rule: string | null, provider: string | null, isKnown: boolean): string {
  if (rule !== null) return `By ${rule}; what the other rules said is not known.`;
  if (!isKnown) return "Not known.";
  return provider === null ? "No rule was asked." : "The rules were not asked: a plugin decided.";
}

/** What the provider could not be told. */
export function Losses({ losses, count }: { losses: ExchangeRecord["losses"] | undefined; count: number }) {
  if (count === 0) return null;
  return (
    <Panel title={`Losses (${count})`}>
      {losses ? (
        <dl className="pairs">
          {losses.map(({ field, treatment, class: level }, index) => (
            <div key={`${index} ${field}`}>
              <dt>
                <code>{field}</code>
              </dt>
              <dd>
                {treatment} {level !== "report" && <Pill title="How much it matters to the answer">{level}</Pill>}
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className="soft">Which is in the record.</p>
      )}
    </Panel>
  );
}

/** What its owner should know of. */
export function Warnings({
  warnings,
  count,
}: {
  warnings: readonly (Pick<Warning, "message"> & Partial<Warning>)[];
  count: number;
}) {
  if (count === 0) return null;
  return (
    <Panel title={`Warnings (${count})`}>
      {warnings.map(({ message, details }, index) => (
        <div key={`${index} ${message}`}>
          <p className="warn">{message}</p>
          {details && (
            <Fold title="Details">
              <pre>{JSON.stringify(details, null, 2)}</pre>
            </Fold>
          )}
        </div>
      ))}
    </Panel>
  );
}
