/** Why an answer did not come, or did not end well. Closed: `FAILURES` says what follows from each. */
export type FailureKind =
  | "caller" // the request itself is wrong
  | "context" // the prompt does not fit the model
  | "credential" // our key was refused
  | "quota" // the account has no money or quota left
  | "not-found" // the provider has no such model or route
  | "rate-limit" // asked to slow down
  | "overloaded" // the provider says it is too busy
  | "busy" // our own limit for the provider is reached: nothing was sent
  | "target" // it broke: 5xx
  | "connect" // no connection: refused, unknown host
  | "tls" // the connection would not be a safe one: nothing was sent
  | "timeout" // one of our timers ran out
  | "malformed" // it answered something that is not its own format
  | "cut" // the answer ended without its terminal event
  | "client-gone"; // the client left

export interface Failure {
  kind: FailureKind;
  /** For people: what happened, in the provider's words where it had any. Never holds a key. */
  message: string;
  /** HTTP status the provider answered with, if it did. */
  upstreamStatus?: number;
  /** The provider's own error type or code (`overloaded_error`, `insufficient_quota`). */
  code?: string;
  /** Seconds, from the provider's `retry-after`: see `sensibleWait`. */
  retryAfter?: number;
}

/** Who asks for more than a day does not mean it: no provider is out of breath for so long. */
const MAX_WAIT_S = 24 * 60 * 60;

/** Seconds a provider asks to be left alone for; undefined for what makes no sense. */
export function sensibleWait(seconds: number): number | undefined {
  return seconds >= 0 && seconds <= MAX_WAIT_S ? seconds : undefined;
}

interface FailureRule {
  /** HTTP status for the client when nothing was written yet. */
  status: number;
  /** The same request may be tried on the same target again. */
  retryHere: boolean;
  /** Another target may do better. */
  nextTarget: boolean;
  /** Counts against the target's health. */
  penalty: boolean;
}

/** The one place that knows what follows from a failure. The resilience stage reads the last three columns. */
export const FAILURES: Record<FailureKind, FailureRule> = {
  caller: { status: 400, retryHere: false, nextTarget: false, penalty: false },
  context: { status: 400, retryHere: false, nextTarget: false, penalty: false },
  credential: { status: 502, retryHere: false, nextTarget: true, penalty: false },
  quota: { status: 429, retryHere: false, nextTarget: true, penalty: false },
  "not-found": { status: 404, retryHere: false, nextTarget: true, penalty: false },
  "rate-limit": { status: 429, retryHere: true, nextTarget: true, penalty: false },
  overloaded: { status: 503, retryHere: true, nextTarget: true, penalty: true },
  busy: { status: 429, retryHere: false, nextTarget: true, penalty: false },
  target: { status: 502, retryHere: true, nextTarget: true, penalty: true },
  connect: { status: 502, retryHere: true, nextTarget: true, penalty: true },
  tls: { status: 502, retryHere: false, nextTarget: true, penalty: false },
  timeout: { status: 504, retryHere: false, nextTarget: true, penalty: true },
  malformed: { status: 502, retryHere: false, nextTarget: true, penalty: true },
  cut: { status: 502, retryHere: true, nextTarget: true, penalty: true },
  "client-gone": { status: 499, retryHere: false, nextTarget: false, penalty: false },
};

/** What a provider's error status means, before its body has been looked at. */
export function kindOfStatus(status: number): FailureKind {
  switch (status) {
    case 401:
    case 403:
      return "credential";
    case 402:
      return "quota";
    case 404:
      return "not-found";
    case 408:
    case 504:
      return "timeout";
    case 429:
      return "rate-limit";
    case 503:
    case 529:
      return "overloaded";
  }
  return status >= 500 || status < 400 ? "target" : "caller";
}

const CONTEXT_OVERFLOW =
  /context_length_exceeded|prompt is too long|exceeds the (?:available )?context|input token count.*exceeds|maximum (?:prompt|context) length|greater than the context length|reduce the length of the messages|exceeded model token limit|exceed context limit|input is too long for requested model/i;

/** Anthropic says it with a 400 of the ordinary kind. */
const NO_MONEY = /credit balance is too low/i;

/** Refines `kindOfStatus` by the words providers use for "your prompt does not fit" and "your money is gone". */
export function kindOfError(status: number, code: string | undefined, message: string): FailureKind {
  if (code === "insufficient_quota" || code === "credit_balance_exhausted" || code === "billing_error") return "quota";
  const kind = kindOfStatus(status);
  if (kind === "caller" && NO_MONEY.test(message)) return "quota";
  if (kind === "caller" && CONTEXT_OVERFLOW.test(`${code ?? ""} ${message}`)) return "context";
  return kind;
}

/**
 * How providers say that reasoning state in the request is not theirs, or not whole: OpenAI's code and words, Anthropic's about
 * the signature of thinking, Gemini's about thought signatures.
 */
const STATE_REFUSED =
  /invalid [`'"]?signature|thinking\.signature|thinking[`'"]? blocks? .*cannot be modified|thought[_ ]?signature|encrypted content .*could not be/i;

/** True when the same request without reasoning state may be taken. */
export function refusesState({ kind, code, message }: Failure): boolean {
  return code === "invalid_encrypted_content" || (kind === "caller" && STATE_REFUSED.test(message));
}
