import type { Answer } from "../support/upstream/answer.ts";
import type { Received } from "../support/upstream/upstream.ts";

const call = (id: string, city: string) => ({ id, name: "get_weather", args: JSON.stringify({ city }) });
const NUMBERS = Array.from({ length: 200 }, (_, at) => at + 1).join(", ");

/** What a good model answers to doctor's questions, by their words. */
export function wellBehaved({ raw }: Pick<Received, "raw">): Answer {
  const said = raw.toString();
  if (said.includes("It is 21 degrees")) return { text: "It is 21 degrees in Paris." };
  if (said.includes("Oslo")) return { toolCalls: [call("call_1", "Paris"), call("call_2", "Oslo")] };
  if (said.includes("weather in Paris")) return { toolCalls: [call("call_1", "Paris")] };
  if (said.includes("largest city")) return { text: '{"city":"Paris","people":2100000}' };
  if (said.includes("Which colour")) return { text: "Red." };
  // Slower than anybody who leaves with the first words.
  if (said.includes("1 to 200")) return { text: NUMBERS, stream: { paceMs: 5 } };
  if (said.includes("1 to 20")) return { text: "1, 2, 3, 4, 5, 6, 7, 8, 9, 10" };
  return { text: "pong" };
}
