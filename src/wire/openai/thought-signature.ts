import { asObject, asString, type Json, type JsonObject } from "../../core/json.ts";
import type { OpaqueState } from "../../core/part.ts";

/** Google's Chat endpoint, and clients made for it, keep Gemini's thought signatures in `extra_content` of a call or message. */
export function thoughtSignature(value: JsonObject): OpaqueState | undefined {
  const google = asObject(asObject(value["extra_content"])?.["google"]);
  const signature = asString(google?.["thought_signature"]);
  return signature ? { dialect: "gemini", kind: "signature", value: signature } : undefined;
}

export function extraContent(state: OpaqueState | undefined): { extra_content?: Json } {
  return state?.dialect === "gemini" ? { extra_content: { google: { thought_signature: state.value } } } : {};
}
