import type { Said } from "./format.ts";
import { numberAt, textAt } from "./json.ts";

/** `[]` for what is not there: most frames say one thing only. */
export function spoken(type: "text" | "reasoning", text: string | undefined): Said[] {
  return text === undefined ? [] : [{ type, text }];
}

export function finished(reason: string | undefined): Said[] {
  return reason === undefined ? [] : [{ type: "finish", reason }];
}

/** Tokens under the names the API has for them. */
export function used(usage: unknown, input: string, output: string): Said[] {
  const counts = { input: numberAt(usage, input), output: numberAt(usage, output) };
  if (counts.input === undefined && counts.output === undefined) return [];
  return [
    {
      type: "usage",
      ...(counts.input !== undefined && { input: counts.input }),
      ...(counts.output !== undefined && { output: counts.output }),
    },
  ];
}

/** An error in the place of a frame: `{"error": {"message": …}}` or `{"error": "…"}`. */
export function failed(frame: unknown): Said[] {
  const message = textAt(frame, "error", "message") ?? textAt(frame, "error");
  return message === undefined ? [] : [{ type: "error", message }];
}
