import { Sources } from "./results/sources.ts";

/** What the plugin did in one exchange: the hooks write it, the transform of the answer reads it. */
export class WebRun {
  readonly sources = new Sources();
  /** The user's message is to be searched for. */
  asked = false;
  /** The target at hand has its hosted tool run by the router. */
  executes = false;
  /** How many searches the model made. */
  made = 0;

  /** The answer may name sources. */
  get matters(): boolean {
    return this.executes || this.sources.size > 0;
  }
}

const KEY = "run";

export function runIn(state: Map<string, unknown>): WebRun | undefined {
  const run = state.get(KEY);
  return run instanceof WebRun ? run : undefined;
}

export function startRun(state: Map<string, unknown>): WebRun {
  const run = runIn(state) ?? new WebRun();
  state.set(KEY, run);
  return run;
}
