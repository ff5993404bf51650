import { isObject, tryParseJson } from "../../../../core/json.ts";
import type { ToolCallPart } from "../../../../core/part.ts";
import type { FunctionTool } from "../../../../core/request.ts";
import type { ChatResponse } from "../../../../core/response.ts";

/** The tool that the cases with tools offer. */
export const weatherTool: FunctionTool = {
  kind: "function",
  name: "get_weather",
  description: "The weather in a city, now.",
  parameters: {
    type: "object",
    properties: { city: { type: "string", description: "The name of the city" } },
    required: ["city"],
  },
};

export function callsIn({ parts }: ChatResponse): ToolCallPart[] {
  return parts.filter((part) => part.type === "tool-call");
}

/** The cities that calls of the tool name; undefined where one is no such call. */
export function citiesOf(calls: readonly ToolCallPart[]): string[] | undefined {
  const cities = calls.map(({ name, arguments: text }) => {
    const values = tryParseJson(text);
    const city = name === weatherTool.name && isObject(values) ? values["city"] : undefined;
    return typeof city === "string" ? city : undefined;
  });
  return cities.every((city) => city !== undefined) ? cities : undefined;
}
