import { textOf } from "../../../../core/part.ts";
import { askingCase, good, poor, question } from "../deep-case.ts";

/** So much text does not come at once unless somebody gathered it. */
const LONG = 200;

/** A client that leaves: the connection to the provider is closed with its first words, and so no more is paid for. */
export const cancel = askingCase({
  name: "cancel",
  usualOutput: 100,
  refusedMeans: (model) => `streams from ${model} fail: see its words`,
  request: (model) => question(model, "Count from 1 to 200 in figures, with commas between them.", { stream: true }),
  options: { cancelAfter: 1 },
  judge({ response, cancelled }) {
    if (cancelled) return good("let go after its first words, and the connection closed");
    if (textOf(response.parts).length < LONG)
      return { state: "skipped", text: "its answer was too short to be broken off" };
    return poor(
      "the whole answer was there at once: there was nothing left to cancel",
      "what clients break off is paid for all the same: something on the way gathers it",
    );
  },
});
