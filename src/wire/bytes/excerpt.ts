/** What an error body says that is no JSON of the API's own: a proxy's HTML page as its words. */
export function excerpt(status: number, text: string): string {
  const plain = text
    .replace(/<(style|script)\b[\s\S]*?<\/\1\s*>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
  return plain === "" ? `status ${status} without a body` : `status ${status}: ${plain}`;
}
