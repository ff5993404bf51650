import type { ReactNode } from "react";
import type { ConfigSummary, DryRun } from "../../../../src/api/routing.ts";
import type { Stats } from "../../../../src/api/stats.ts";
import { countedText, shareOf } from "../../charts/data/rates.ts";
import { percentText } from "../../parts/format.ts";
import { Pill } from "../../parts/parts.tsx";
import { RuleStep } from "./rule-step.tsx";
import { SettingList } from "./setting-list.tsx";
import { saidBy, scopeWords, settingsOf } from "./why.ts";

interface ChainPictureProps {
  config: ConfigSummary;
  stats: Stats | undefined;
  run: DryRun | undefined;
}

/** The way of a request from top to bottom: what looks at it before, the rules in order, where it goes when it fails. */
export function ChainPicture({ config, stats, run }: ChainPictureProps) {
  const groups = new Map(stats?.groups.map((group) => [group.key, group.total]));
  const decided = stats?.groups.reduce((sum, { total }) => sum + total.requests, 0) ?? 0;
  const none = groups.get("(none)")?.requests ?? 0;
  return (
    <ol className="chain">
      <Step sign="▸" title="A request comes in">
        {run && (
          <p>
            {run.client}, asks for <code>{run.requested_model}</code>
            {run.needs.length > 0 && `, needs ${run.needs.join(" and ")}`}
          </p>
        )}
      </Step>
      <Stages title="Classifiers" nothing="No classifier: requests get no tags" stages={config.classifiers}>
        {run && <Tags tags={run.tags} />}
      </Stages>
      {config.plugins.some(({ enabled }) => enabled) && <Stages title="Plugins" stages={config.plugins} />}
      {config.rules.map((rule) => {
        const verdict = run?.verdicts.find((one) => one.rule === rule.rule);
        return (
          <RuleStep
            key={rule.rule}
            rule={rule}
            said={run && verdict && saidBy(rule, verdict, run, config.skipped)}
            total={stats && (groups.get(rule.label) ?? null)}
            decided={decided}
            skipped={config.skipped}
          />
        );
      })}
      <Step sign="×" title="No rule took it" isDimmed={run !== undefined && run.targets.length > 0}>
        <p className="soft">The client gets an error that names the model: status 400.</p>
        {stats && none > 0 && (
          <p className="bad">
            {countedText(none, "request")} ({percentText(shareOf(none, decided))}) were decided by no rule.
          </p>
        )}
      </Step>
      <Step sign="↻" title="When the target fails">
        <Failover config={config} />
      </Step>
      {config.response_classifiers.some(({ enabled }) => enabled) && (
        <Stages title="After the answer" stages={config.response_classifiers} />
      )}
    </ol>
  );
}

interface StepProps {
  sign: string;
  title: string;
  isDimmed?: boolean;
  children?: ReactNode;
}

function Step({ sign, title, isDimmed = false, children }: StepProps) {
  return (
    <li className={isDimmed ? "step step-dimmed" : "step"}>
      <span className="step-sign" aria-hidden="true">
        {sign}
      </span>
      <div className="step-body">
        <h3>{title}</h3>
        {children}
      </div>
    </li>
  );
}

interface StagesProps {
  title: string;
  nothing?: string;
  stages: ConfigSummary["classifiers"];
  children?: ReactNode;
}

function Stages({ title, nothing = "None", stages, children }: StagesProps) {
  const enabled = stages.filter((stage) => stage.enabled);
  return (
    <Step sign="◇" title={title}>
      {enabled.length === 0 && <p className="soft">{nothing}.</p>}
      {enabled.map((stage) => (
        <div key={stage.name}>
          <b>{stage.name}</b> <SettingList of={settingsOf(stage)} />
        </div>
      ))}
      {children}
    </Step>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return <p>This request gets no tag.</p>;
  return (
    <p>
      This request is tagged{" "}
      {tags.map((tag) => (
        <Pill key={tag} tone="accent">
          {tag}
        </Pill>
      ))}
    </p>
  );
}

function Failover({ config: { failover } }: { config: ConfigSummary }) {
  const rest = settingsOf({ settings: failover }).filter(([name]) => name !== "scope");
  return (
    <>
      <p>It goes {scopeWords(failover["scope"])}. A rule may say otherwise.</p>
      <SettingList of={rest} />
    </>
  );
}
