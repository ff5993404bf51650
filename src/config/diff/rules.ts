import { type Chains, nameNow } from "./chains.ts";
import type { Change } from "./change.ts";
import type { Matching, Pair } from "./match-rules.ts";
import { differences, differenceText } from "./values.ts";

/** What became of each rule, and of their numbers. Numbers are those of the old config, where a rule is in it. */
export function ruleChanges(chains: Chains): Change[] {
  const { matching, before, after } = chains;
  const change = (kind: Change["kind"], text: string): Change => ({ group: "rules", kind, text });
  return [
    ...matching.removed.map((index) => change("removed", `${before.named(index)} is gone: ${whoTakes(chains, index)}`)),
    ...matching.added.map((index) => change("added", `${after.named(index)} is new`)),
    ...matching.pairs.filter(({ isMoved }) => isMoved).map((pair) => change("changed", movedText(chains, pair))),
    ...matching.pairs.flatMap((pair) => editedTexts(chains, pair)),
    ...renumbered(matching).map((text) => change("changed", text)),
  ];
}

/** Who is asked next, now that a rule is gone. */
function whoTakes(chains: Chains, gone: number): string {
  const { matching, before, after } = chains;
  if (!before.isReached(gone)) return "it was never reached";
  const last = matching.pairs.findLast(({ from, isMoved }) => from < gone && !isMoved);
  const next = last === undefined ? 0 : last.to + 1;
  if (next < after.rules.length && after.isReached(next)) return `its requests go on to ${nameNow(chains, next)}`;
  if (after.taker !== undefined) return `${nameNow(chains, after.taker)} takes its requests`;
  return "no rule comes after it, so what no rule before it takes is refused";
}

function movedText({ matching, before }: Chains, { from, to }: Pair): string {
  const next = matching.pairs.find((pair) => pair.to > to && !pair.isMoved);
  return `${before.named(from)} moved ${next === undefined ? "to the end" : `before ${before.named(next.from)}`}`;
}

function editedTexts({ before, after }: Chains, { from, to }: Pair): Change[] {
  const shown = after.isForeign(to) || before.isForeign(from) ? "numbers" : "texts";
  return [...differences(before.rules[from], after.rules[to])].map((difference) => {
    const { kind, text } = differenceText(difference, shown);
    return { group: "rules", kind, text: `${before.named(from)}: ${text}` };
  });
}

/** Those that only others have pushed on: `rules renumbered: 3 to 5 are 2 to 4 now`. */
function renumbered({ pairs }: Matching): string[] {
  const runs: { from: number; to: number; count: number }[] = [];
  for (const { from, to, isMoved } of pairs) {
    if (isMoved || from === to) continue;
    const last = runs.at(-1);
    if (last && last.from + last.count === from && last.to + last.count === to) last.count++;
    else runs.push({ from, to, count: 1 });
  }
  if (runs.length === 0) return [];
  const span = (first: number, count: number) => (count === 1 ? `${first + 1}` : `${first + 1} to ${first + count}`);
  const words = runs.map(
    ({ from, to, count }) => `${span(from, count)} ${count === 1 ? "is" : "are"} ${span(to, count)} now`,
  );
  return [`rules renumbered: ${words.join(", ")}`];
}
