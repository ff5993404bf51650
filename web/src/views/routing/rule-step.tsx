import type { Measures } from "../../../../src/api/measures.ts";
import type { ConfigSummary } from "../../../../src/api/routing.ts";
import { hrefOf } from "../../app/routes.ts";
import { countedText, shareOf } from "../../charts/data/rates.ts";
import { durationText, percentText } from "../../parts/format.ts";
import { SettingList } from "./setting-list.tsx";
import { fallbacksOf, type Rule, type Said, scopeWords, settingsOf } from "./why.ts";

interface RuleStepProps {
  rule: Rule;
  /** Of the request that is tried. */
  said: Said | undefined;
  /** What it decided; null: nothing, undefined: not known. */
  total: Measures | null | undefined;
  /** By all rules. */
  decided: number;
  skipped: ConfigSummary["skipped"];
}

/** One rule: what it looks at, where it sends, how often it decided, and what it says to the request that is tried. */
export function RuleStep({ rule, said, total, decided, skipped }: RuleStepProps) {
  const { label, type, rule: place, settings } = rule;
  const fallbacks = fallbacksOf(rule);
  const gone = skipped.filter(({ provider }) => namesIn(rule).includes(provider));
  const own = settingsOf(rule).filter(([name]) => name !== "failover");
  return (
    <li
      className={said ? `step rule rule-${said.outcome}` : "step rule"}
      aria-current={said?.outcome === "chosen" ? "step" : undefined}
    >
      <span className="step-sign" aria-hidden="true">
        {place + 1}
      </span>
      <div className="step-body">
        <div className="rule-head">
          <h3>{label}</h3>
          {total !== undefined && <Share label={label} total={total} decided={decided} />}
        </div>
        <p>
          <span className="pill">{type}</span> <SettingList of={own} />
        </p>
        {fallbacks.map(({ provider, model }) => (
          <p key={`${provider} ${model}`} className="rule-then">
            <span aria-hidden="true">↳</span> when that fails: <b>{provider}</b>
            {model !== undefined && (
              <>
                {" "}
                as <code>{model}</code>
              </>
            )}
          </p>
        ))}
        {settings["failover"] !== undefined && (
          <p className="rule-then">
            <span aria-hidden="true">↳</span> failed requests go {scopeWords(settings["failover"])}
          </p>
        )}
        {gone.map(({ provider, variable }) => (
          <p key={provider} className="warn">
            ▲ {provider} is skipped: <code>{variable}</code> is not set
          </p>
        ))}
        {said && (
          <p className={`rule-said rule-said-${said.outcome}`}>
            <span className="rule-said-sign" aria-hidden="true">
              {said.sign}
            </span>
            <b>{said.word}</b>: {said.because}
          </p>
        )}
        {said && said.compared.length > 0 && <Compared targets={said.compared} />}
      </div>
    </li>
  );
}

/** What a rule that compares went by. */
function Compared({ targets }: { targets: Said["compared"] }) {
  return (
    <ol className="rule-compared">
      {targets.map(({ provider, model, out, note }) => (
        <li key={`${provider} ${model}`} className={out ? "soft" : undefined}>
          {out && <span>out: </span>}
          <b>{provider}</b> <code>{model}</code> <span className="soft">{note}</span>
        </li>
      ))}
    </ol>
  );
}

function Share({ label, total, decided }: { label: string; total: Measures | null; decided: number }) {
  if (total === null || total.requests === 0) return <span className="rule-share soft">decided nothing</span>;
  const share = shareOf(total.requests, decided);
  return (
    <a className="rule-share" href={hrefOf("live", { params: { rule: label } })} title="Its exchanges">
      <span>
        <b>{percentText(share)}</b> · {countedText(total.requests, "request")}
        {total.errors > 0 && <span className="bad"> · {countedText(total.errors, "error")}</span>}
        {total.duration_ms && <span className="soft"> · p50 {durationText(total.duration_ms.p50)}</span>}
      </span>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="share-ground" width="100" height="4" />
        <rect className="share-used" width={share * 100} height="4" />
      </svg>
    </a>
  );
}

/** Every provider the rule names. */
function namesIn(rule: Rule): string[] {
  const { provider, providers, candidates } = rule.settings;
  const pairs = Array.isArray(candidates)
    ? candidates.map((one: unknown) => (hasProvider(one) ? one.provider : ""))
    : [];
  const all: unknown[] = [provider, ...(Array.isArray(providers) ? providers : []), ...pairs];
  return [...all.filter((name) => typeof name === "string"), ...fallbacksOf(rule).map((one) => one.provider)];
}

function hasProvider(value: unknown): value is { provider: unknown } {
  return typeof value === "object" && value !== null && "provider" in value;
}
