import type { Asked } from "./ask.ts";

/** The request as a line for a shell. The key is named, not shown. */
export function curlOf(origin: string, { path, body }: Asked, hasKey: boolean): string {
  const key = hasKey ? ` -H "authorization: Bearer $ROUTER_API_KEY"` : "";
  return `curl -N ${quoted(origin + path)} -H 'content-type: application/json'${key} -d ${quoted(body)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
