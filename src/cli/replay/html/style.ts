import { Markup } from "./markup.ts";

/** Colours are those of the dashboard. */
export const STYLE = new Markup(`
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfbf9, #131514);
  --raised: light-dark(#ffffff, #1a1d1c);
  --text: light-dark(#1b1e1d, #e4e7e5);
  --soft: light-dark(#59605d, #9aa39f);
  --line: light-dark(#e1e3de, #2a2f2d);
  --good: light-dark(#2c6e2f, #7cc780);
  --bad: light-dark(#b3261e, #ff8a7d);
  --series-1: light-dark(#0b6e6a, #4cc9bd);
  --series-2: light-dark(#b4531f, #f0a36f);
  --series-3: light-dark(#3d56b2, #8fa5f0);
  --series-4: light-dark(#8a6d00, #d9bd4a);
  --series-5: light-dark(#8a3a86, #d792d3);
  --series-6: light-dark(#5d6662, #a3aca8);
}
* { box-sizing: border-box; }
body {
  max-width: 964px;
  margin: 0 auto;
  padding: 24px 16px 48px;
  background: var(--ground);
  color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
h1 { margin: 0; font-size: 20px; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 0 0 10px; font-size: 15px; font-weight: 600; }
h3 { margin: 0; font-size: 12px; font-weight: 500; color: var(--soft); }
p { margin: 4px 0; }
section { margin-top: 20px; padding: 14px 16px; border: 1px solid var(--line); border-radius: 4px; background: var(--raised); }
code { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
.good b { color: var(--good); }
.bad b, .value.bad { color: var(--bad); }
.claims { margin: 0; padding: 0; list-style: none; }
.claims li + li { margin-top: 6px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 14px; }
.value { margin: 0; font-size: 22px; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { width: 100%; margin-top: 12px; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-size: 12px; font-weight: 500; color: var(--soft); white-space: nowrap; }
svg { display: block; max-width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--text); }
svg text.soft, svg .then-text { font-size: 11px; fill: var(--soft); }
svg .now-text { font-size: 11px; }
svg .then { opacity: 0.4; }
svg .track { fill: var(--line); }
.flow .stays { opacity: 0.25; }
.flow .moves { opacity: 0.65; }
.flow path:hover { opacity: 0.9; }
.narrow { display: none; }
@media (max-width: 700px) {
  .wide { display: none; }
  .narrow { display: block; }
}
@media print { section { break-inside: avoid; } }
`);
