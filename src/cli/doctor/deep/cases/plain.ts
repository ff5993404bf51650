import { textOf } from "../../../../core/part.ts";
import { askingCase, good, poor, question } from "../deep-case.ts";

/** A whole answer. */
export const plain = askingCase({
  name: "plain",
  usualOutput: 10,
  refusedMeans: (model) => `clients get no answer from ${model}: see its words`,
  request: (model) => question(model, "Reply with the one word: pong"),
  judge({ response }, { earlier }) {
    earlier.whole = response;
    if (textOf(response.parts) !== "") return good("a whole answer came");
    const why = response.finish.reason === "length" ? "it thought until its limit" : "it ended without a word";
    return poor(`no text came: ${why}`, "clients of it need a higher output limit, or less thinking");
  },
});
