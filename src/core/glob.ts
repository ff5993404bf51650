/** True for names that one of the patterns takes: `*` stands for any characters, `?` for one; upper and lower case are the same. */
export function globs(patterns: readonly string[]): (name: string) => boolean {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  return (name) => {
    const asked = name.toLowerCase();
    return lower.some((pattern) => takes(pattern, asked));
  };
}

/** Goes back to the last `*` only: whatever pattern and name, in the product of their lengths. */
function takes(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let read = 0; read < name.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      from = read;
    } else if (pattern[at] === "?" || pattern[at] === name[read]) {
      at++;
      read++;
    } else if (star === -1) return false;
    else {
      at = star + 1;
      read = ++from;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
