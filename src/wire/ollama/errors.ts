import { type Failure, kindOfError } from "../../core/failure.ts";
import { asNumber, asObject, asString, isObject, type Json, type JsonObject } from "../../core/json.ts";
import { excerpt } from "../bytes/excerpt.ts";
import type { WireError } from "../format.ts";

/** `{"error":"…"}`; proxies in front of Ollama also send `{"error":{"message":…}}`. */
function errorText(body: JsonObject): string | undefined {
  const { error } = body;
  if (typeof error === "string") return error || undefined;
  const message = asString(asObject(error)?.["message"]);
  return message ?? (isObject(error) ? JSON.stringify(error) : undefined);
}

export function readError(status: number, body: Json | undefined, text: string): Failure {
  const said = isObject(body) ? errorText(body) : undefined;
  const message = said ?? excerpt(status, text);
  const code = isObject(body) ? asString(asObject(body["error"])?.["code"]) : undefined;
  return {
    kind: kindOfError(status, code, message),
    message,
    upstreamStatus: status,
    ...(code !== undefined && { code }),
  };
}

/** The error of a body or line that came under a 200; undefined when it holds none. */
export function errorInBody(body: JsonObject): Failure | undefined {
  const message = errorText(body);
  if (message === undefined) return undefined;
  // Without a status only the words tell whose fault it was.
  const kind = kindOfError(asNumber(body["status_code"]) ?? 400, undefined, message);
  return { kind: kind === "caller" ? "target" : kind, message };
}

export function writeError(error: WireError): JsonObject {
  return { error: error.message };
}
