import type { ChatEvent } from "../core/event.ts";
import type { StreamWriter } from "./format.ts";

/** The writer, as if it had written these. */
export function toldBefore(writer: StreamWriter, events: readonly ChatEvent[]): StreamWriter {
  for (const event of events) writer.write(event);
  return writer;
}
