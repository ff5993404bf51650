import type { HttpTool, ModelTool } from "../../core/stage-tools.ts";
import type { Exchange } from "../exchange.ts";

/** What plugins and classifiers get to work with, bound to the signal of the one that asks. */
export interface StageTools {
  http(signal: AbortSignal): HttpTool;
  /** `exchange`: what it costs is billed there; undefined where there is none, as when tokens are counted. */
  models(signal: AbortSignal, exchange: Exchange | undefined): ModelTool;
}
