import { askingCase, good, poor, question } from "../deep-case.ts";
import { callsIn, citiesOf, weatherTool } from "./weather-tool.ts";

const ASKED =
  'What is the weather in Paris and in Oslo? Please call tool get_weather {"city": "Paris"} and call tool get_weather {"city": "Oslo"}, both at once.';

export const parallelTools = askingCase({
  name: "tools",
  usualOutput: 100,
  feature: "function_tools",
  capability: "tools",
  refusedMeans: (model) => `agents cannot use ${model}: route requests with tools to another model`,
  request: (model) => question(model, ASKED, { tools: [weatherTool] }),
  judge({ response }) {
    const calls = callsIn(response);
    if (calls.length === 0) return poor("the model called no tool");
    if (citiesOf(calls) === undefined) return poor("its calls are not of the tool that was offered");
    const ids = new Set(calls.map(({ id }) => id));
    if (ids.size < calls.length) return poor("two calls have the same id", "clients may mix up their results");
    if (calls.length === 1) return poor("the model called one tool at a time", "agents work, with more turns");
    return good(`it called ${calls.length} tools at once`);
  },
});
