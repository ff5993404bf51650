import { textOf } from "../../../../core/part.ts";
import { askingCase, good, poor, question } from "../deep-case.ts";

/** So much text does not come in one piece unless somebody gathered it. */
const LONG = 40;

/** An answer piece by piece. */
export const stream = askingCase({
  name: "stream",
  usualOutput: 60,
  refusedMeans: (model) => `agents and chats, which stream, get no answer from ${model}`,
  request: (model) => question(model, "Count from 1 to 20 in figures, with commas between them.", { stream: true }),
  judge({ response, pieces }, { earlier }) {
    earlier.streamed = response;
    const text = textOf(response.parts);
    if (pieces > 1) return good(`the answer came in ${pieces} pieces`);
    if (text.length <= LONG) return poor("the answer was too short to tell", "try another model with --model");
    return poor(
      "the answer came in one piece",
      "clients see nothing until it is whole: something between router and model gathers it (a proxy's buffering)",
    );
  },
});
