import type { Scenario } from "../scenario.ts";
import { clientGone } from "./client-gone.ts";

/** In the order of the table. */
export const SCENARIOS: readonly Scenario[] = [clientGone];
