import type { DryRun } from "../../api/routing.ts";
import { countText, moneyText } from "../watch/texts.ts";

/** A decision, as it is shown to people. */
export interface Explained {
  /** What was asked for, and where it goes. */
  readonly title: string;
  /** What is known of the request, and what the decision went by. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  readonly verdicts: DryRun["verdicts"];
  readonly targets: readonly ExplainedTarget[];
  readonly losses: DryRun["losses"];
  readonly error: string | null;
  /** What to bear in mind. */
  readonly notes: readonly string[];
}

export interface ExplainedTarget {
  readonly provider: string;
  readonly model: string;
  readonly why: string;
  readonly state?: string;
  readonly hold_ms?: number;
}

/** What a dry run told. `notes`: what is to be said besides. */
export function explainedRun(run: DryRun, notes: readonly string[]): Explained {
  return {
    title: titleOf(run.requested_model, run.targets[0]),
    facts: factsOf(run),
    verdicts: run.verdicts,
    targets: run.targets,
    losses: run.losses,
    error: run.error,
    notes: [...notes, ...notesOf(run)],
  };
}

export function titleOf(asked: string, first: { provider: string; model: string } | undefined): string {
  if (first === undefined) return `${asked}: goes nowhere`;
  return `${asked} → ${first.provider}${first.model === asked ? "" : ` as ${first.model}`}`;
}

function factsOf(run: DryRun): [string, string][] {
  const { client, tags, needs, input_tokens: input, affinity, prefer, expected } = run;
  const asked = [client, `about ${countText(input)} tokens`];
  if (needs.length > 0) asked.push(`needs ${needs.join(" and ")}`);
  if (tags.length > 0) asked.push(`tagged ${tags.join(", ")}`);
  const facts: [string, string][] = [["request", asked.join(" · ")]];
  if (affinity) facts.push(["before", affinityText(affinity)]);
  if (prefer) facts.push(["stays", preferText(prefer)]);
  if (expected) facts.push(["expected", expectedText(expected)]);
  return facts;
}

export function affinityText({ provider, model, cached_tokens: cached }: NonNullable<DryRun["affinity"]>): string {
  return `its conversation was answered by ${provider} (${model}), about ${countText(cached)} tokens cached there`;
}

export function preferText({ provider, model, why }: NonNullable<DryRun["prefer"]>): string {
  return `with ${provider} (${model}), where the rule allows it: ${why}`;
}

function expectedText({ cost, cached_tokens: cached, output_tokens: output }: NonNullable<DryRun["expected"]>): string {
  const price = cost.usd === null ? "price not known" : `${moneyText(cost.usd)} (${cost.source})`;
  const parts = [price, `answer of about ${countText(output)} tokens`];
  if (cached > 0) parts.splice(1, 0, `${countText(cached)} tokens of the prompt cached`);
  return parts.join(" · ");
}

function notesOf({ plugins, unasked, verdicts }: DryRun): string[] {
  const notes: string[] = [];
  if (plugins.length > 0) notes.push(`Plugins were not asked, and may change the decision: ${plugins.join(", ")}.`);
  if (unasked.length > 0)
    notes.push(`Classifiers that would ask somebody were not run, their tags are missing: ${unasked.join(", ")}.`);
  if (verdicts.some(({ label, outcome }) => outcome === "chosen" && /^random\b/.test(label)))
    notes.push("A random rule draws anew for each request: the next may go elsewhere.");
  return notes;
}
