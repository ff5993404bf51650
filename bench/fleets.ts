import { ALIKE, CHANGES, TROUBLE } from "../test/routing/scenarios.ts";
import { type Simulated, secondsUntil, simulate } from "../test/routing/simulated-fleet.ts";

// How soon measured routing follows when providers change, and how often it moves for nothing, in simulated fleets at one request
// a second. `node bench/fleets.ts`; docs/routing.md has the figures.

function perThousand({ switches, chosen }: Simulated): number {
  return Number(((1000 * switches) / chosen.length).toFixed(2));
}

console.table(
  Object.entries(CHANGES).map(([fleet, scenario]) => {
    const simulated = simulate(scenario);
    return {
      fleet,
      "left after s": secondsUntil(simulated, "b", TROUBLE.fromMs),
      "back after s": secondsUntil(simulated, "a", TROUBLE.untilMs),
      "switches in 1,000": perThousand(simulated),
    };
  }),
);
console.table(
  Object.entries(ALIKE).map(([fleet, scenario]) => ({ fleet, "switches in 1,000": perThousand(simulate(scenario)) })),
);
