import type { z } from "zod";
import type { SettingsKind } from "../config/kinds.ts";
import type { Clock } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import type { Log } from "../core/log.ts";

export type { Classifier, ClassifyContext, ResponseClassifier, ResponseContext } from "./interface.ts";

/** What classifiers are built with. */
export interface ClassifierTools {
  log: Log;
  clock: Clock;
  /** Environment variables, `.env` included. */
  env: Readonly<Record<string, string | undefined>>;
}

export interface ClassifierKind<C> extends SettingsKind {
  build(settings: unknown, tools: ClassifierTools): C;
}

/** Ties schema and builder together, so that a classifier is built only from settings its schema let through. */
export function defineClassifier<C, S extends z.ZodType<JsonObject | object>>(kind: {
  name: string;
  schema: S;
  providerPaths?: readonly (readonly string[])[];
  create(settings: z.output<S>, tools: ClassifierTools): C;
}): ClassifierKind<C> {
  const { create, ...rest } = kind;
  return { ...rest, build: (settings, tools) => create(kind.schema.parse(settings), tools) };
}
