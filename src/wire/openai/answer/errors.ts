import type { Failure } from "../../../core/failure.ts";
import { isObject, type JsonObject } from "../../../core/json.ts";
import { failureOfOpenAIError } from "../../openai-error.ts";

/** The error in a 200 body or in a frame of a stream, if it is one. */
export function failureIn(value: JsonObject, eventName: string): Failure | undefined {
  const { error } = value;
  if (isObject(error)) return failureOfOpenAIError(error);
  if (typeof error === "string" && error !== "") return failureOfOpenAIError({ message: error });
  const whole = value["object"] === "error" || eventName === "error"; // vLLM has no wrapper
  return whole ? failureOfOpenAIError(value) : undefined;
}
