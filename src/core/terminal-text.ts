/**
 * What a terminal could take for an order: control characters (C0 with ESC, DEL, C1), marks that turn the direction of text,
 * and characters that have no shape. Tab and line feed are the caller's business.
 */
const ORDERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

/** Foreground, bold, dim, and back to none: what `paint` is asked for, and nothing that could hide a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a colour.
const COLOURS = /(\u001b\[(?:[012]|3[1-6]|9[0-6])m)/;

/**
 * Text from outside (a model, a client, a provider) as a terminal may be given it: no escape sequence survives, however it is
 * cut into pieces, for ESC and its 8-bit forms themselves are replaced by visible signs. Line feeds and tabs stay.
 */
export function terminalText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(ORDERS, visible);
}

/** Likewise, but colours stay: for text of which each part from outside was made safe before it was painted. */
export function paintedText(text: string): string {
  // Every other part is a colour: there is one group.
  return text
    .split(COLOURS)
    .map((part, at) => (at % 2 === 1 ? part : terminalText(part)))
    .join("");
}

/** Likewise, as one line: line feeds and tabs become blanks. */
export function terminalLine(text: string): string {
  return terminalText(text).replace(/[\n\t]+/g, " ");
}

/** The same JSON, in which such characters are written as escapes: it means the same, and orders nothing. */
export function escapedControls(json: string): string {
  return json.replace(ORDERS, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** Unicode has pictures of the C0 controls; whatever else is shown as one sign, so that it cannot hide. */
function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
