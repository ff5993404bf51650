import type { z } from "zod";
import type { SettingsKind } from "../config/kinds.ts";
import type { JsonObject } from "../core/json.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";

/** Tags a request before it is routed. Throwing is logged and the classifier skipped for this request. */
export interface Classifier {
  readonly id: string;
  classify(request: ChatRequest): Iterable<string>;
}

/** Tags an answer, on the gathered copy after its end; never delays the client. */
export interface ResponseClassifier {
  readonly id: string;
  classify(response: ChatResponse): Iterable<string>;
}

export interface ClassifierKind<C> extends SettingsKind {
  build(settings: unknown): C;
}

/** Ties schema and builder together, so that a classifier is built only from settings its schema let through. */
export function defineClassifier<C, S extends z.ZodType<JsonObject | object>>(kind: {
  name: string;
  schema: S;
  create(settings: z.output<S>): C;
}): ClassifierKind<C> {
  return { name: kind.name, schema: kind.schema, build: (settings) => kind.create(kind.schema.parse(settings)) };
}
