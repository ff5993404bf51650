import type { ArmSummary, ArmsExchange, ArmsResult } from "../../../replay/arms/result.ts";
import { countText, durationText } from "../../watch/texts.ts";
import { html, Markup } from "../html/markup.ts";
import { STYLE } from "../html/style.ts";
import { type AnswerCell, answerCells } from "./answer-cells.ts";
import { costText, isoMinute, percentText } from "./texts.ts";

const OWN_STYLE = new Markup(`
body { max-width: none; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 14px; margin-top: 10px; }
.answers > div { min-width: 0; border-top: 2px solid var(--line); padding-top: 6px; }
.answers > .bad { border-color: var(--bad); }
pre { margin: 6px 0; max-height: 420px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
.prompt { padding-left: 10px; border-left: 3px solid var(--line); }
`);

/** What was asked and answered as a page in one file: no script, and nothing is loaded from anywhere. */
export function armsPage(result: ArmsResult): string {
  const { log, config, exchanges, sampled, askable } = result;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Asked again: ${log}</title>
<style>${STYLE}${OWN_STYLE}</style>
</head>
<body>
<header><h1>${log} asked again, with ${config}</h1>
<p class="soft">${countText(exchanges.length)} of ${countText(sampled)} drawn from ${countText(askable)} that can be asked again · ${outcomeText(result)}</p>
${missingOf(result).map((text) => html`<p class="soft">Of these requests ${text}.</p>`)}</header>
<main>
${summary(result)}
${exchanges.map(exchangeSection)}
</main>
</body>
</html>
`;
  return page.text;
}

function outcomeText({ stopped, spent_usd, max_usd }: ArmsResult): string {
  if (max_usd === null) return "nothing was asked: no --max-usd was given";
  const spent = `spent ${costText({ usd: spent_usd, source: "configured" })} of $${max_usd}`;
  if (stopped === "cap") return `${spent}: the cap is reached`;
  return stopped === "interrupted" ? `${spent}; interrupted` : spent;
}

/** What no request of the log has is said once. */
function missingOf({ exchanges }: ArmsResult): string[] {
  return [...new Set(exchanges.flatMap(({ missing }) => missing))];
}

const HEAD = ["", "ok", "failed", "cut", "cost", "p50", "p95", "tokens", "alike", "same tools", "not told"];

function summary({ summary: rows }: ArmsResult): Markup {
  if (rows.length === 0) return html``;
  return html`<section><h2>Summary</h2><div class="scroll"><table>
<tr>${HEAD.map((title) => html`<th>${title}</th>`)}</tr>
${rows.map((row) => html`<tr>${cellsOf(row).map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}
</table></div></section>`;
}

function cellsOf({
  arm,
  ok,
  failed,
  cut,
  cost,
  p50_ms,
  p95_ms,
  output_tokens,
  similarity,
  same_tools,
  losses,
}: ArmSummary): string[] {
  const ms = (value: number | null) => (value === null ? "–" : durationText(value));
  return [
    arm,
    countText(ok),
    countText(failed),
    countText(cut),
    ok === 0 && cost.source === "none" ? "–" : costText(cost),
    ms(p50_ms),
    ms(p95_ms),
    output_tokens === null ? "–" : countText(output_tokens),
    percentText(similarity),
    same_tools === null ? "–" : `${same_tools.same}/${same_tools.of}`,
    losses.map(({ field, count }) => `${field} (${count})`).join(", "),
  ];
}

function exchangeSection(exchange: ArmsExchange): Markup {
  const { id, ts_ms, tags, requested_model, prompt, messages, stand_in_tools } = exchange;
  const facts = [`${isoMinute(ts_ms)} UTC`, ...tags, ...(messages > 1 ? [`${countText(messages)} messages`] : []), id];
  const tools =
    stand_in_tools.length === 0 ? [] : [`tools as far as their calls show them: ${stand_in_tools.join(", ")}`];
  return html`<section><h2>${requested_model}</h2><p class="soft">${facts.join(" · ")}</p>
<pre class="prompt">${prompt ?? "(no text)"}</pre>
${tools.map((text) => html`<p class="soft">${text}</p>`)}
<div class="answers">${answerCells(exchange).map(answer)}</div></section>
`;
}

function answer({ title, facts, isBad, text, calls, notes }: AnswerCell): Markup {
  return html`<div class="${isBad ? "bad" : "answer"}"><b>${title}</b><p class="soft">${facts}</p>
<pre>${text}</pre>${calls.map((call) => html`<p><code>→ ${call}</code></p>`)}${notes.map((note) => html`<p class="soft">${note}</p>`)}</div>
`;
}
