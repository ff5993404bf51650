import { isIPv6 } from "node:net";

/** What looks like it, and what is written in its place. Best effort: docs/events.md#what-of-the-content says so. */
interface Pattern {
  readonly mask: string;
  /**
   * Global. Takes time in proportion to the text, whatever that is: a repetition is bounded, or stands at the end, or begins only
   * where a run of its characters does (the look behind).
   */
  readonly shape: RegExp;
  /** Text without it has no match; looking for it is quick. */
  readonly needs?: string;
  /** More than the shape can say. */
  readonly isIt?: (found: string) => boolean;
}

const PATTERNS: readonly Pattern[] = [
  {
    mask: "[private key]",
    needs: "PRIVATE KEY",
    shape:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|$)/g,
  },
  {
    // OpenAI, Anthropic, OpenRouter, DeepSeek and many others; Groq, xAI, Hugging Face, NVIDIA, Perplexity, Replicate, Cerebras, Fireworks.
    mask: "[key]",
    shape: /(?<![A-Za-z0-9])(?:sk-|gsk_|xai-|hf_|nvapi-|pplx-|r8_|csk-|fw_|tgp_v1_)[\w-]{16,}/g,
  },
  {
    // GitHub, GitLab, Slack, npm, PyPI, Stripe, Google, DigitalOcean, Shopify.
    mask: "[key]",
    shape:
      /(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|npm_|pypi-|[srp]k_(?:live|test)_|whsec_|AIza|ya29\.|GOCSPX-|do[opr]_v1_|shp(?:at|ca|pa|ss)_)[\w-]{10,}/g,
  },
  { mask: "[key]", shape: /(?<![A-Za-z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { mask: "[key]", needs: "SG.", shape: /(?<![A-Za-z0-9])SG\.[\w-]{16,64}\.[\w-]{16,64}/g },
  { mask: "[token]", needs: "eyJ", shape: /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]+)?/g },
  { mask: "[token]", shape: /(?<=\bbearer[ \t]{1,4})[\w.~+/=-]{8,}/gi },
  // Of an address that holds them, user and password.
  { mask: "[secret]", needs: "://", shape: /(?<=:\/\/)[^\s:/@"']{1,128}:[^\s/@"']{1,256}(?=@)/g },
  // What is said to be a secret: `password = …`, `"api_key": "…"`, `\"token\":\"…\"`.
  {
    mask: "[secret]",
    shape:
      /(?<=(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|passwort)(?:\\?["'])?[ \t]{0,4}[:=][ \t]{0,4}(?:\\?["'])?(?:basic[ \t])?)(?!bearer\b)[^\s"'\\,;(){}[\]<>]{6,}/gi,
  },
  {
    mask: "[email]",
    needs: "@",
    shape: /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g,
  },
  {
    mask: "[iban]",
    shape: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/g,
    isIt: isIban,
  },
  { mask: "[card]", shape: /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d])/g, isIt: isCard },
  { mask: "[ssn]", shape: /(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])/g },
  { mask: "[ip]", shape: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)/g, isIt: isOutsideIPv4 },
  {
    mask: "[ip]",
    needs: ":",
    shape: /(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?![\w:])/g,
    isIt: isOutsideIPv6,
  },
  // With its country, as in North America, and as in many countries with a 0 in front.
  { mask: "[phone]", needs: "+", shape: /(?<![\w+])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\d)/g },
  { mask: "[phone]", shape: /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])/g },
  { mask: "[phone]", shape: /(?<![\w.-])0\d{2,4}[ /-]{1,3}\d{3,4}[ -]?\d{2,5}(?![\w-])/g },
];

/** The same text, with what looks like a secret or a personal datum masked. Takes time in proportion to its length. */
export function redact(text: string): string {
  let clean = text;
  for (const { shape, mask, needs, isIt } of PATTERNS) {
    if (needs !== undefined && !clean.includes(needs)) continue;
    clean = isIt ? clean.replace(shape, (found) => (isIt(found) ? mask : found)) : clean.replace(shape, mask);
  }
  return clean;
}

const SECRET_NAME =
  /passw(?:or)?d|passphrase|secret|token$|api[_-]?key|access[_-]?key|private[_-]?key|^authorization$|^cookie$/i;

/** True for names of fields whose value is a secret, whatever it looks like. */
export function namesSecret(name: string): boolean {
  return SECRET_NAME.test(name.slice(0, 200));
}

/** Luhn's check digit. */
function isCard(found: string): boolean {
  let sum = 0;
  const digits = [...found].filter((char) => char >= "0" && char <= "9").toReversed();
  for (const [at, char] of digits.entries()) {
    const digit = Number(char) * (at % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0 && /[1-9]/.test(found);
}

/** ISO 13616: the remainder of 97. */
function isIban(found: string): boolean {
  const code = found.replaceAll(" ", "");
  if (code.length < 15 || code.length > 34) return false;
  let rest = 0;
  for (const char of code.slice(4) + code.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest === 1;
}

/** This machine, and no address at all, are nobody's. */
function isOutsideIPv4(found: string): boolean {
  const parts = found.split(".").map(Number);
  return parts.every((part) => part <= 255) && parts[0] !== 127 && parts[0] !== 0 && parts[0] !== 255;
}

function isOutsideIPv6(found: string): boolean {
  return found.length > 6 && /\d/.test(found) && isIPv6(found);
}
