import { randomRuns } from "../../test/fault/random.ts";
import { type Outcome, type Scenario, type Size, thousands, Verdict } from "../scenario.ts";

/** Each run is checked against a model: `test/fault/random.ts`. */
export const faultedStreams: Scenario = {
  name: "faulted-streams",
  figure:
    "streams whose providers break at random, every client format to every provider's: truncations nobody is told of, texts that come twice, and whatever else must never be",
  goal: "0 in 10,000",
  run,
};

async function run(size: Size): Promise<Outcome> {
  const verdict = new Verdict();
  const count = size.count(10_000, 300);
  const seed = Math.floor(Math.random() * 1e9);
  const sum = await randomRuns({ seed, count, streams: true });
  for (const complaint of sum.complaints) verdict.expect(false, complaint);
  verdict.expect(sum.runs + sum.complaints.length >= count, `only ${sum.runs} of ${count} ran`);
  return verdict.outcome(
    `${sum.complaints.length} in ${thousands(sum.runs)} (from seed ${seed}): ${thousands(sum.answered)} whole, ${thousands(sum.broken)} ended with the one error event, ${thousands(sum.refused)} refused; of ${thousands(sum.savable)} whose second provider was well ${thousands(sum.saved)} were answered`,
  );
}
