import type { SimulatedAnswer } from "./answer.ts";
import type { Recording } from "./play.ts";

/** The answer in the built-in provider's own wire: JSON lines of events, or all of them in one body. */
export function recordingOf(answer: SimulatedAnswer): Recording {
  if (!("chunks" in answer)) {
    const body = { error: { message: answer.message, code: "simulated_error" } };
    const slowDown = answer.status === 429 || answer.status === 503 ? { "retry-after": "1" } : {};
    return { ...jsonRecording(answer.status, body, answer.dueMs), headers: { ...JSON_TYPE, ...slowDown } };
  }
  if (!answer.stream) {
    const events = answer.chunks.flatMap((chunk) => chunk.events);
    return jsonRecording(200, { events }, answer.chunks.at(-1)?.dueMs ?? 0);
  }
  const pieces = answer.chunks.flatMap(({ dueMs, events }) =>
    events.map((event) => ({ dueMs, text: `${JSON.stringify(event)}\n` })),
  );
  return { status: 200, headers: { "content-type": "application/x-ndjson" }, pieces };
}

const JSON_TYPE = { "content-type": "application/json" };

/** A JSON body, all at once. */
export function jsonRecording(status: number, body: object, dueMs = 0): Recording {
  return { status, headers: JSON_TYPE, pieces: [{ dueMs, text: JSON.stringify(body) }] };
}
