import type { RawSide } from "../../../src/api/exchanges.ts";
import type { LoggedMessage } from "../../../src/record/events.ts";

/** curl sets these itself, or they belong to the connection the request came by. Keys are never among the headers. */
const LEFT_OUT = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"]);
const KEY_LINE = `-H "authorization: Bearer $ROUTER_API_KEY"`;

/** The client's own request once more. Undefined when not all of its body was kept. */
export function curlOfRaw(origin: string, raw: RawSide, hasKey: boolean): string | undefined {
  if (raw.truncated && raw.request !== null && !isJson(raw.request)) return undefined;
  const headers = Object.entries(raw.request_headers)
    .filter(([name]) => !LEFT_OUT.has(name.toLowerCase()) && !isKey(name))
    .map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const body = raw.request === null ? [] : [`--data-binary ${quoted(raw.request)}`];
  const method = raw.method === "POST" && body.length > 0 ? [] : [`-X ${quoted(raw.method)}`];
  const parts = [...method, quoted(origin + raw.path), ...(hasKey ? [KEY_LINE] : []), ...headers, ...body];
  return `curl ${parts.join(" \\\n  ")}`;
}

interface Recorded {
  model: string;
  stream: boolean;
  system: string | null;
  messages: readonly LoggedMessage[];
}

/** A request that says the same, as far as the record tells: its text, without tools, pictures and settings. */
export function curlOfRecord(
  origin: string,
  { model, stream, system, messages }: Recorded,
  hasKey: boolean,
): string | undefined {
  const told = messages.flatMap(({ role, content }) => {
    const said = content.flatMap(({ type, text }) => (type === "text" && typeof text === "string" ? [text] : []));
    return said.length === 0
      ? []
      : [{ role: role === "assistant" || role === "system" ? role : "user", content: said.join("\n") }];
  });
  if (told.length === 0) return undefined;
  const all = system === null ? told : [{ role: "system", content: system }, ...told];
  const body = JSON.stringify({ model, ...(stream && { stream }), messages: all });
  const parts = [
    `${origin}/v1/chat/completions`,
    ...(hasKey ? [KEY_LINE] : []),
    `-H 'content-type: application/json'`,
    `--data-binary ${quoted(body)}`,
  ];
  return `curl ${parts.join(" \\\n  ")}`;
}

function isKey(name: string): boolean {
  return /^(authorization|proxy-authorization|cookie|(x-)?(goog-)?api-key)$/i.test(name);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Cut in the middle.
    return false;
  }
}

/** One word of a POSIX shell, whatever is in it. `@` at its beginning would make curl read a file. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
