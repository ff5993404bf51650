import type { Span } from "../core/sensitive/checks.ts";
import { SENSITIVE_PATTERNS, type SensitivePattern } from "../core/sensitive/patterns.ts";

/** The same text, with what looks like a secret or a personal datum masked. Takes time in proportion to its length. */
export function redact(text: string): string {
  let clean = text;
  for (const pattern of SENSITIVE_PATTERNS) {
    if (pattern.needs === undefined || clean.includes(pattern.needs)) clean = masked(clean, pattern);
  }
  return clean;
}

function masked(text: string, { kind, shape, within }: SensitivePattern): string {
  const mask = `[${kind === "login" ? "secret" : kind.replace("-", " ")}]`;
  return within ? text.replace(shape, (found) => maskSpans(found, within(found), mask)) : text.replace(shape, mask);
}

function maskSpans(text: string, spans: readonly Span[], mask: string): string {
  let clean = "";
  let at = 0;
  for (const [start, end] of spans) {
    clean += text.slice(at, start) + mask;
    at = end;
  }
  return clean + text.slice(at);
}
