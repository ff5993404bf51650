/** The name that `wrong` was probably meant to be; undefined when none is close. Case counts for little. */
export function nearest(wrong: string, names: Iterable<string>): string | undefined {
  // Beyond a third of the letters it is another word, not a slip.
  let best = Math.floor((wrong.length + 1) / 3) + 0.5;
  let found: string | undefined;
  for (const name of names) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < best) {
      best = distance;
      found = name;
    }
  }
  return found;
}

/** `, did you mean "local"?`, or nothing. */
export function didYouMean(wrong: string, names: Iterable<string>): string {
  const name = nearest(wrong, names);
  return name === undefined ? "" : `, did you mean ${JSON.stringify(name)}?`;
}

/** Insertions, deletions, replacements, and two neighbours changing places, one each. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return 9;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
