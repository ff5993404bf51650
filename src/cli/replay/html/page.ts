import type { ReplayReport } from "../../../replay/report.ts";
import type { Counted } from "../../../replay/tally.ts";
import { countText, durationText, moneyText } from "../../watch/texts.ts";
import { counted, percent, placeText } from "../lines.ts";
import { costPicture, latencyPicture } from "./bar-pictures.ts";
import { flowPicture } from "./flow-picture.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { STYLE } from "./style.ts";

const WIDE = 900;
const NARROW = 358;
const MAX_ROWS = 200;

/** The report as a page in one file: no script, and nothing is loaded from anywhere. */
export function pageOf(report: ReplayReport): string {
  const { config, log } = report;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Replay under ${config}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Replay of ${log.path} under ${config}</h1>
<p class="soft">${headText(report)}</p></header>
<main>
${assertions(report)}
${figures(report)}
<section><h2>Where requests go</h2>${twice((width) => flowPicture(report, width))}${flowTable(report)}</section>
<section><h2>Cost</h2>${twice((width) => costPicture(report, width))}${costTable(report)}</section>
<section><h2>Latency</h2>${twice((width) => latencyPicture(report, width))}${unknownLatency(report)}</section>
${trouble(report)}
</main>
</body>
</html>
`;
  return page.text;
}

/** Text must not become smaller on a phone: there is a picture for it. */
function twice(picture: (width: number) => Markup): Markup {
  return html`<div class="wide">${picture(WIDE)}</div><div class="narrow">${picture(NARROW)}</div>`;
}

function headText({ log, exchanges, undecided, filter, without_routing }: ReplayReport): string {
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
  const parts = [
    counted(exchanges, "request"),
    ...(log.first_ms === null || log.last_ms === null ? [] : [`${time(log.first_ms)} to ${time(log.last_ms)} UTC`]),
    ...(filter === null ? [] : [`filter ${filter}`]),
    ...(undecided > 0 ? [`${countText(undecided)} with nothing to decide`] : []),
    ...(without_routing > 0 ? [`${countText(without_routing)} without a record of what rules looked at`] : []),
    ...(log.foreign + log.torn > 0 ? [`${counted(log.foreign + log.torn, "line")} that could not be read`] : []),
  ];
  return parts.join(" · ");
}

function figures(report: ReplayReport): Markup {
  const { exchanges, moved, cost, latency, refused, leaving, switches } = report;
  const { first_token_ms: first, duration_ms: whole } = latency;
  const measured = first.was ? first : whole;
  const ms = (at: { p50: number } | null) => (at ? durationText(at.p50) : "not known");
  const out = leaving.exchanges + leaving.from_unknown;
  const list: readonly (readonly [string, string, string, boolean])[] = [
    [
      "Decided alike",
      exchanges === 0 ? "–" : percent(exchanges - moved.exchanges, exchanges),
      `${countText(moved.exchanges)} otherwise`,
      false,
    ],
    [
      "Cost",
      cost.exchanges === 0 ? "not known" : moneyText(cost.now_usd),
      `${moneyText(cost.was_usd)} then`,
      cost.now_usd > cost.was_usd * 1.000_001,
    ],
    [first.was ? "First token, median" : "Answer, median", ms(measured.now), `${ms(measured.was)} then`, false],
    ["Refused", countText(refused.now), `${countText(refused.was)} then`, refused.new.exchanges > 0],
    ["Prompts that leave", countText(out), "that stayed on your machines", out > 0],
    ["Switches", countText(switches.now), `${countText(switches.was)} then`, switches.now > switches.was],
  ];
  return html`<section class="figures">${list.map(
    ([name, value, more, isBad]) =>
      html`<div><h3>${name}</h3><p class="${isBad ? "value bad" : "value"}">${value}</p><p class="soft">${more}</p></div>`,
  )}</section>`;
}

function assertions({ assertions: list }: ReplayReport): Markup {
  if (list.length === 0) return html``;
  const rows = list.map(
    ({ assertion, holds, found, ids }) =>
      html`<li class="${holds ? "good" : "bad"}"><b>${holds ? "✓" : "✗"} <code>${assertion}</code></b> ${found}${ids.map((id) => html`<br><span class="soft">${id}</span>`)}</li>`,
  );
  return html`<section><h2>Assertions</h2><ul class="claims">${rows}</ul></section>`;
}

function flowTable({ flows }: ReplayReport): Markup {
  const moving = flows.filter(({ from, to }) => placeText(from) !== placeText(to)).slice(0, MAX_ROWS);
  if (moving.length === 0) return html`<p>All go where they went.</p>`;
  return table(
    ["Requests", "Then", "Now", "Such as"],
    moving.map(({ exchanges, from, to, ids }) => [
      countText(exchanges),
      placeText(from),
      placeText(to),
      html`<code>${ids[0] ?? ""}</code>`,
    ]),
  );
}

function costTable({ places, cost }: ReplayReport): Markup {
  const sum = ({ usd, unpriced, exchanges }: { usd: number; unpriced: number; exchanges: number }) =>
    exchanges === 0
      ? "–"
      : unpriced === exchanges
        ? "not known"
        : `${moneyText(usd)}${unpriced > 0 ? ` + ${countText(unpriced)} not known` : ""}`;
  const rows = places
    .slice(0, MAX_ROWS)
    .map((place) => [
      placeText(place),
      countText(place.was.exchanges),
      countText(place.now.exchanges),
      sum(place.was),
      sum(place.now),
    ]);
  const cached = `Prompt tokens from caches: ${countText(cost.cached_tokens_was)} then, ${countText(cost.cached_tokens_now)} now.`;
  return html`${table(["", "Requests then", "now", "Cost then", "now"], rows)}<p class="soft">${cached}</p>`;
}

function unknownLatency({ latency }: ReplayReport): Markup {
  const { unknown } = latency.duration_ms;
  return unknown === 0
    ? html``
    : html`<p class="soft">Not known for ${counted(unknown, "request")} that would go where the log has no answers.</p>`;
}

function trouble({ refused, losses, leaving }: ReplayReport): Markup {
  const list = [
    ...block(
      "Would be refused",
      refused.new,
      ["Requests", "Why"],
      refused.reasons.map((one) => [countText(one.exchanges), one.reason]),
    ),
    ...block(
      "Would lose something",
      losses.new,
      ["Requests", "Field", "At"],
      losses.fields.map((one) => [countText(one.exchanges), html`<code>${one.field}</code>`, one.provider]),
    ),
    ...block(
      "Would leave your machines",
      leaving,
      ["Requests", "Kept there by", "Now to"],
      leaving.rules.map((one) => [countText(one.exchanges), one.rule, one.to]),
    ),
  ];
  if (leaving.from_unknown > 0)
    list.push(
      html`<section><p>${counted(leaving.from_unknown, "prompt")} that would go to the cloud were at providers this config does not have, perhaps nearby.</p></section>`,
    );
  return html`${list}`;
}

function block(title: string, { exchanges, ids }: Counted, head: readonly string[], rows: Content[][]): Markup[] {
  if (exchanges === 0) return [];
  const more = exchanges > ids.length ? ", …" : "";
  return [
    html`<section><h2>${title}: ${countText(exchanges)}</h2>${table(head, rows.slice(0, MAX_ROWS))}<p class="soft"><code>${ids.join(", ")}${more}</code></p></section>`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  const cells = rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`);
  return html`<div class="scroll"><table><thead><tr>${head.map((text) => html`<th>${text}</th>`)}</tr></thead><tbody>${cells}</tbody></table></div>`;
}
