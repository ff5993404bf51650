import type { Answer, ArmAnswer, ArmsExchange } from "../../../replay/arms/result.ts";
import { countText, durationText } from "../../watch/texts.ts";
import { costText, percentText } from "./texts.ts";

/** An answer, in words for terminal and page. */
export interface AnswerCell {
  readonly title: string;
  readonly facts: string;
  /** It failed: `text` is what went wrong. */
  readonly isBad: boolean;
  readonly text: string;
  /** `read({"path":"a"})` */
  readonly calls: readonly string[];
  readonly notes: readonly string[];
}

/** The logged answer first, then those of the arms. */
export function answerCells({ logged, arms }: ArmsExchange): AnswerCell[] {
  const before: AnswerCell = {
    title: "logged",
    facts: `${logged.provider} ${logged.model} · ${factsOf(logged)}`,
    isBad: false,
    text: logged.text,
    calls: callsOf(logged),
    notes: [],
  };
  return [before, ...arms.map(cellOf)];
}

function cellOf(answer: ArmAnswer): AnswerCell {
  const { arm, outcome, error, ms, cost, max_output_tokens: most } = answer;
  const losses = answer.losses.filter((loss) => loss.class === "report");
  const lost =
    losses.length === 0
      ? []
      : [`not told: ${losses.map(({ field, treatment }) => `${field} (${treatment})`).join(", ")}`];
  if (outcome !== "ok") {
    const what =
      outcome === "not_sent" ? "not sent: its API cannot say it" : `failed: ${outcome} · ${durationText(ms)}`;
    const billed = (cost.usd ?? 0) > 0 ? [`counted as ${costText(cost)}: it may be billed`] : [];
    return { title: arm, facts: what, isBad: true, text: error ?? "", calls: [], notes: billed };
  }
  const cut = answer.finish === "max_tokens" ? [`cut at ${countText(most)} tokens`] : [];
  return {
    title: arm,
    facts: `${answer.model} · ${factsOf(answer)}`,
    isBad: false,
    text: answer.text,
    calls: callsOf(answer),
    notes: [...alikeOf(answer), ...cut, ...lost],
  };
}

function factsOf({ ms, output_tokens: tokens, cost, finish }: Answer): string {
  const facts = [durationText(ms), `${countText(tokens)} tokens`, costText(cost), finish ?? "no finish"];
  return facts.join(" · ");
}

function alikeOf({ similarity, same_tools, same_arguments }: ArmAnswer): string[] {
  const words = similarity === null ? [] : [`${percentText(similarity)} of the words`];
  const tools = same_arguments
    ? "same tools, same arguments"
    : same_tools
      ? "same tools, other arguments"
      : "other tools";
  const all = same_tools === null ? words : [...words, tools];
  return all.length === 0 ? [] : [`alike: ${all.join(" · ")}`];
}

function callsOf({ tool_calls }: Answer): string[] {
  return tool_calls.map(
    ({ name, arguments: input }) => `${name}(${typeof input === "string" ? input : JSON.stringify(input)})`,
  );
}
