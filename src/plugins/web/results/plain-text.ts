/** Entities that backends leave in their snippets. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", " "],
  ["hellip", "…"],
  ["ndash", "–"],
  ["mdash", "—"],
]);

/** A snippet without marks of its page: tags, entities, control characters, spaces in a row. */
export function plainText(snippet: string): string {
  return snippet
    .replaceAll(/<\/?[a-zA-Z][^<>]{0,200}>/g, "")
    .replaceAll(/&(?:#(\d{1,6})|#x([\da-fA-F]{1,5})|([a-z]{2,6}));/g, decoded)
    .replaceAll(/[[\p{Cc}\p{Cf}]--[\n\t\u200c\u200d]]/gv, "")
    .replaceAll(/[ \t\u00a0]+/g, " ")
    .replaceAll(/ ?\n[ \n]*/g, "\n")
    .trim();
}

/** At most so many UTF-16 units, ended at a word, with a sign that there was more. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const word = cut.search(/\s\S*$/);
  return `${(word > most / 2 ? cut.slice(0, word) : cut).trimEnd().toWellFormed()}…`;
}

function decoded(entity: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return ENTITIES.get(name) ?? entity;
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  const isCharacter = code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : "";
}
