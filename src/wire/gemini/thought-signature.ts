import type { OpaqueState } from "../../core/part.ts";

/**
 * Gemini's documented value for a call whose signature nobody has (a history made by another model): the API then does not look
 * for one. A made-up or foreign signature is a 400.
 */
export const NO_SIGNATURE = "skip_thought_signature_validator";

export function signatureState(value: string): OpaqueState {
  return { dialect: "gemini", kind: "signature", value };
}

/** The signature in a state, if Gemini made it. */
export function signatureOf(state: OpaqueState | undefined): string | undefined {
  return state?.dialect === "gemini" && state.kind === "signature" ? state.value : undefined;
}
