import { cardsIn, ibansIn, isCardNumber, isOutsideIPv4, isOutsideIPv6, isUnlikeCode, type Span } from "./checks.ts";

/** What secrets and personal data are told apart by. */
export const SENSITIVE_KINDS = [
  "private-key",
  "key",
  "token",
  "login",
  "secret",
  "email",
  "iban",
  "card",
  "ssn",
  "ip",
  "phone",
] as const;
export type SensitiveKind = (typeof SENSITIVE_KINDS)[number];

/** What looks like a secret or a personal datum. Best effort: no shape tells all of them. */
export interface SensitivePattern {
  readonly kind: SensitiveKind;
  /**
   * Global. Takes time in proportion to the text, whatever that is: a repetition is bounded, or stands at the end, or begins only
   * where a run of its characters does (the look behind).
   */
  readonly shape: RegExp;
  /** Text without it has no match; looking for it is quick. */
  readonly needs?: string;
  /** What of a match it is, where the shape cannot say. */
  readonly within?: (found: string) => readonly Span[];
  /** Whether it is, for who would rather miss one than take code for it. */
  readonly sure?: (found: string) => boolean;
}

const all = (isIt: (found: string) => boolean) => (found: string) => (isIt(found) ? [[0, found.length] as const] : []);

/** Where several find the same, the first says what it is. */
export const SENSITIVE_PATTERNS: readonly SensitivePattern[] = [
  {
    kind: "private-key",
    needs: "PRIVATE KEY",
    shape:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|$)/g,
  },
  {
    // OpenAI, Anthropic, OpenRouter, DeepSeek and many others; Groq, xAI, Hugging Face, NVIDIA, Perplexity, Replicate, Cerebras, Fireworks.
    kind: "key",
    shape: /(?<![A-Za-z0-9])(?:sk-|gsk_|xai-|hf_|nvapi-|pplx-|r8_|csk-|fw_|tgp_v1_)[\w-]{16,}/g,
  },
  {
    // GitHub, GitLab, Slack, npm, PyPI, Stripe, Google, DigitalOcean, Shopify.
    kind: "key",
    shape:
      /(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|npm_|pypi-|[srp]k_(?:live|test)_|whsec_|AIza|ya29\.|GOCSPX-|do[opr]_v1_|shp(?:at|ca|pa|ss)_)[\w-]{10,}/g,
  },
  {
    // Vault, Grafana, Sentry, Linear, Notion, Figma, Postman, New Relic, Supabase, PlanetScale, Databricks, Doppler, Tavily, Atlassian, age.
    kind: "key",
    shape:
      /(?<![A-Za-z0-9])(?:hv[sb]\.|gls[ac]_|sntrys_|lin_api_|ntn_|figd_|PMAK-|NRAK-|sbp_|pscale_tkn_|dapi|dp\.pt\.|tvly-|ATATT3|AGE-SECRET-KEY-1)[\w-]{20,}/g,
  },
  { kind: "key", shape: /(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: "key", needs: "SG.", shape: /(?<![A-Za-z0-9])SG\.[\w-]{16,64}\.[\w-]{16,64}/g },
  // Of a Telegram bot; of a Slack webhook, what is behind its host.
  { kind: "key", needs: ":AA", shape: /(?<![A-Za-z0-9])\d{8,10}:AA[\w-]{33}(?![\w-])/g },
  {
    kind: "key",
    needs: "hooks.slack.com",
    shape: /(?<=hooks\.slack\.com\/services\/)[A-Z0-9]{6,}\/[A-Z0-9]{6,}\/\w{12,}/g,
  },
  { kind: "token", needs: "eyJ", shape: /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]+)?/g },
  { kind: "token", shape: /(?<=\bbearer[ \t]{1,4})[\w.~+/=-]{8,}/gi, sure: isUnlikeCode },
  // Of an address that holds them, user and password.
  { kind: "login", needs: "://", shape: /(?<=:\/\/)[^\s:/@"']{1,128}:[^\s/@"']{1,256}(?=@)/g },
  // What is said to be a secret: `password = …`, `"api_key": "…"`, `\"token\":\"…\"`.
  {
    kind: "secret",
    shape:
      /(?<=(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|authorization|passwort)(?:\\?["'])?[ \t]{0,4}[:=][ \t]{0,4}(?:\\?["'])?(?:basic[ \t])?)(?!bearer\b)[^\s"'\\,;(){}[\]<>]{6,}/gi,
    sure: isUnlikeCode,
  },
  {
    kind: "email",
    needs: "@",
    shape: /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g,
  },
  {
    kind: "iban",
    shape: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/g,
    within: ibansIn,
  },
  { kind: "card", shape: /(?<![\d.-])\d(?:[ -]?\d){12,}/g, within: cardsIn, sure: isCardNumber },
  { kind: "ssn", shape: /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g },
  { kind: "ip", shape: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)/g, within: all(isOutsideIPv4) },
  {
    kind: "ip",
    needs: ":",
    shape: /(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?![\w:])/g,
    within: all(isOutsideIPv6),
  },
  // With its country, as in North America, and as in many countries with a 0 in front.
  { kind: "phone", needs: "+", shape: /(?<![\w+])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\d)/g },
  { kind: "phone", shape: /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])/g },
  { kind: "phone", shape: /(?<![\w.-])0\d{2,4}[ /-]{1,3}\d{3,4}[ -]?\d{2,5}(?![\w-])/g },
];

const SECRET_NAME =
  /passw(?:or)?d|passphrase|secret|token$|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|^authorization$|^cookie$/i;

/** True for names of fields whose value is a secret, whatever it looks like. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name.slice(0, 200));
}
