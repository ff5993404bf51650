// What browsers are told with every answer; programs pass it over. Written once: nothing is put together for a request.

/** It is of the type it names, whatever it looks like. */
const TYPED = ["x-content-type-options", "nosniff"];
/** And for no other origin's page: neither as its image nor as its script. */
const OWN = [...TYPED, "cross-origin-resource-policy", "same-origin"];

/** What can be shown by itself, opened in a tab: it loads nothing, runs nothing, sends nothing and is in nobody's frame. */
const SHOWN = [
  ...["referrer-policy", "no-referrer"],
  ...["content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
];
const OWN_SHOWN = [...OWN, ...SHOWN];
const TYPED_SHOWN = [...TYPED, ...SHOWN];

/** An answer that is being written. */
interface Answer {
  hasHeader(name: string): boolean;
}

/** On what a provider or a model answered: that is much, and goes to programs. */
export function answerHeaders(res: Answer): readonly string[] {
  return isShared(res) ? TYPED : OWN;
}

/** On all that the router itself says. */
export function shownHeaders(res: Answer): readonly string[] {
  return isShared(res) ? TYPED_SHOWN : OWN_SHOWN;
}

/** For who writes the head of an answer by hand. */
export const HEADER_LINES: readonly string[] = OWN_SHOWN.flatMap((name, at) =>
  at % 2 === 0 ? [`${name}: ${OWN_SHOWN[at + 1]}`] : [],
);

/** On a page: `policy` says what it may do. */
export function pageHeaders(policy: string): readonly string[] {
  return [...OWN, "referrer-policy", "no-referrer", "content-security-policy", policy];
}

/** With a page of an origin in `[server] cors_origins`. */
function isShared(res: Answer): boolean {
  return res.hasHeader("access-control-allow-origin");
}
