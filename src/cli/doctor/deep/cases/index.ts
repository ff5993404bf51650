import type { DeepCase } from "../deep-case.ts";
import { cancel } from "./cancel.ts";
import { countTokens } from "./count-tokens.ts";
import { image } from "./image.ts";
import { jsonSchema } from "./json-schema.ts";
import { parallelTools } from "./parallel-tools.ts";
import { plain } from "./plain.ts";
import { stream } from "./stream.ts";
import { toolCall } from "./tool-call.ts";
import { toolResult } from "./tool-result.ts";
import { usage } from "./usage.ts";

/** In the order in which they are asked: later ones use what earlier ones heard. */
export const CASES: readonly DeepCase[] = [
  plain,
  stream,
  toolCall,
  parallelTools,
  toolResult,
  jsonSchema,
  image,
  usage,
  cancel,
  countTokens,
];
