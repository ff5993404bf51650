import { existsSync } from "node:fs";
import { Refusal } from "../io.ts";
import type { ExplainClient } from "./clients.ts";

export interface ExplainArgs {
  readonly url: string | undefined;
  readonly keyEnv: string | undefined;
  readonly model: string | undefined;
  readonly prompt: string | undefined;
  readonly body: string | undefined;
  readonly client: ExplainClient | undefined;
  readonly id: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

/** Throws `Refusal` where there is no such file. */
export function existing(config: string): string {
  if (existsSync(config)) return config;
  throw new Refusal(2, `there is no ${config}`);
}
