import { textOf } from "../../../../core/part.ts";
import { askingCase, excerpt, good, poor, question } from "../deep-case.ts";
import { onePixelColour } from "./picture.ts";

const SIZE = 128;

export const image = askingCase({
  name: "image",
  usualOutput: 10,
  feature: "image_data",
  capability: "vision",
  refusedMeans: (model) => `images to ${model} are refused: route them to a model that sees (docs/routing.md)`,
  request(model) {
    const asked = question(model, "Which colour is this picture? Answer with one word.");
    const data = onePixelColour(SIZE, [255, 0, 0]).toString("base64");
    const picture = { type: "image", source: { kind: "base64", mediaType: "image/png", data } } as const;
    return { ...asked, messages: asked.messages.map(({ role, parts }) => ({ role, parts: [picture, ...parts] })) };
  },
  judge({ response }, { provider }) {
    const text = textOf(response.parts);
    // The built-in one is no model, but it counts what it gets.
    if (provider.half.dialect === "simulated" && /I see an image/.test(text)) return good("it got the picture");
    if (/\bred\b/i.test(text)) return good("it saw that the picture is red");
    return poor(
      `it did not see that the picture is red: ${excerpt(text)}`,
      "images may be left out on the way; try a model that sees",
    );
  },
});
