import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { ChatRequest } from "../../../core/request.ts";
import { sha256 } from "../../tools/ids.ts";

const MAX_USER_CHARS = 64;

export function writeIdentity(request: ChatRequest, body: JsonObject, losses: Losses): void {
  const { user, metadata } = request.identity;
  if (user !== undefined) {
    // Claude Code's is a JSON text of 150 characters. The hash is as long as OpenAI allows, and as distinct.
    body["user"] = user.length > MAX_USER_CHARS ? sha256(user) : user;
    if (user.length > MAX_USER_CHARS) losses.list.push({ field: "user", treatment: "hashed", class: "silent" });
  }
  if (!metadata) return;
  // OpenAI takes metadata only with `store`; other dialects' clients never asked for storing in Chat.
  if (request.dialect === "openai") body["metadata"] = metadata;
  else losses.drop("metadata");
}
