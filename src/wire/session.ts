import type { Identity } from "../core/request.ts";
import type { Headers } from "./format.ts";
import { sha256 } from "./tools/ids.ts";

/** Headers by which clients name the conversation: Codex, OpenCode and those that copied them. */
const SESSION_HEADERS = ["session-id", "session_id", "thread-id", "x-session-id", "x-session-affinity"];

/** What the client calls the conversation, in whichever API it speaks; undefined when it does not say. */
export function sessionIn(headers: Headers): string | undefined {
  const claudeCode = textIn(headers, "x-claude-code-session-id");
  const session = claudeCode ?? SESSION_HEADERS.map((name) => textIn(headers, name)).find((text) => text !== undefined);
  // Each sub-agent of Claude Code has a conversation, and a prompt prefix, of its own.
  const agent = textIn(headers, "x-claude-code-agent-id");
  return session !== undefined && agent !== undefined ? `${session}/${agent}` : session;
}

function textIn(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  const text = typeof value === "string" ? value : value?.[0];
  return text === "" ? undefined : text;
}

/** As OpenAI's `prompt_cache_key`, which keeps a conversation on the machine that has its beginning cached. */
export function sessionKey({ session }: Identity): string | undefined {
  return session === undefined ? undefined : sha256(session).slice(0, 32);
}
