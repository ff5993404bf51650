/** Of megabytes of `<` each would be tried as the beginning of a tag. */
const MAX_CHARS = 16_384;

/** What an error body says that is no JSON of the API's own: a proxy's HTML page as its words. */
export function excerpt(status: number, text: string): string {
  const plain = text
    .slice(0, MAX_CHARS)
    .replace(/<(style|script)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, " ")
    .replace(/<[^<>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
  return plain === "" ? `status ${status} without a body` : `status ${status}: ${plain}`;
}
