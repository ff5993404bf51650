import { watchHealth } from "../rig/health.ts";
import { type Answer, header } from "../rig/line.ts";
import { closedLoop, during, openLoop } from "../rig/load.ts";
import { nowMs } from "../rig/now.ts";
import { Rig, type Router } from "../rig/processes.ts";
import { type Provider, plainConfig, startProvider } from "../rig/provider.ts";
import { promptOf, requestOf } from "../rig/requests.ts";
import { Tally, troubleOf } from "../rig/tally.ts";
import { ms, type Outcome, percentile, type Scenario, type Size, Verdict } from "../scenario.ts";

const TIMES = 3;
const SHARE = 0.9;
const SHED_MS = 10;
const HEALTH_MS = 50;
/** Requests under way at most, and how long the provider takes for each: what can be served in a second follows. */
const IN_FLIGHT = 40;
const TAKES_MS = 200;
const PROMPT_BYTES = 50_000;

/** Overload by what is under way, as slow providers bring it about. What the processor can do is measured besides (`overload-cpu`). */
export const overload: Scenario = {
  name: "overload",
  figure: `${TIMES} times the requests that \`max_in_flight\` lets through (a provider that takes ${TAKES_MS} ms, ${IN_FLIGHT} at a time)`,
  goal: `served ≥ ${SHARE * 100} % of what is possible; refusals with 503 and Retry-After, p99 ≤ ${SHED_MS} ms; \`/health\` p99 ≤ ${HEALTH_MS} ms`,
  run: async (size) => {
    await using rig = new Rig();
    const provider = await startProvider(rig);
    const router = await rig.router(limited(provider, IN_FLIGHT), { bare: true });
    const request = requestOf({ deed: `slow-${TAKES_MS}` });
    return await measure({ router, request, connections: IN_FLIGHT, size });
  },
};

/**
 * Overload by what the processor can do. Generator and provider share its cores, so that requests are chosen which cost them much
 * less than the router: long prompts that it translates.
 */
export const overloadCpu: Scenario = {
  name: "overload-cpu",
  figure: `${TIMES} times the requests of ${PROMPT_BYTES / 1_000} KB, translated, that the router's one thread can serve; generator and provider run on the same two cores`,
  goal: `served ≥ ${SHARE * 100} % of what is possible; refusals p99 ≤ ${SHED_MS} ms; \`/health\` p99 ≤ ${HEALTH_MS} ms`,
  run: async (size) => {
    await using rig = new Rig();
    const provider = await startProvider(rig);
    const router = await rig.router(limited(provider, 32), { bare: true });
    const prompt = promptOf("x", "ok").padEnd(PROMPT_BYTES, "and so on\n");
    return await measure({ router, request: requestOf({ client: "anthropic", prompt }), connections: 24, size });
  },
};

function limited(provider: Provider, inFlight: number): string {
  return plainConfig(provider.base("openai"), `[overload]\nmax_in_flight = ${inFlight}`);
}

interface Load {
  router: Router;
  request: string;
  /** As many as make the most of the router without overloading it. */
  connections: number;
  size: Size;
}

async function measure({ router, request, connections, size }: Load): Promise<Outcome> {
  const verdict = new Verdict();
  const lastsMs = size.count(20, 2) * 1_000;
  await closedLoop(
    router.url,
    connections,
    during(lastsMs / 4, () => ({ request })),
  );

  let peak = 0;
  const done = (answer: Answer) => {
    if (troubleOf(answer) === undefined) peak++;
  };
  await closedLoop(
    router.url,
    connections,
    during(lastsMs / 2, () => ({ request, done })),
  );
  const possible = peak / (lastsMs / 2_000);

  const seen = new Shedding(verdict);
  const healthEnded = watchHealth(router.url);
  const started = nowMs();
  const job = { request, done: (answer: Answer) => seen.add(answer) };
  await openLoop(
    router.url,
    possible * TIMES,
    lastsMs,
    during(lastsMs, () => job),
  );
  const seconds = (nowMs() - started) / 1_000;
  const health = percentile(await healthEnded(), 0.99);
  const share = seen.tally.good / seconds / possible;
  const shed = percentile(seen.shedMs, 0.99);
  const asked = (seen.tally.good + seen.shedMs.length) / seconds / possible;
  verdict.expect(seen.tally.failed === 0, seen.tally.troubles());
  verdict.expect(share >= SHARE, `only ${(share * 100).toFixed(0)} % of what is possible were served`);
  verdict.expect(size.quick || shed <= SHED_MS, `refusals took ${ms(shed)}`);
  verdict.expect(size.quick || health <= HEALTH_MS, `/health took ${ms(health)}`);
  return verdict.outcome(
    `${(share * 100).toFixed(0)} % of ${possible.toFixed(0)} a second at ${asked.toFixed(1)} × that; refusals p50 ${ms(percentile(seen.shedMs, 0.5))}, p99 ${ms(shed)}; \`/health\` p99 ${ms(health)}`,
  );
}

/** Who was served and who was told to come again. */
class Shedding {
  /** Of all but refusals. */
  readonly tally = new Tally();
  readonly shedMs: number[] = [];
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  add(answer: Answer): void {
    const { status, head, sentAt, endedAt } = answer;
    if (status === 503) {
      this.shedMs.push(endedAt - sentAt);
      const says = header(head, "retry-after") === "1" && header(head, "x-should-retry") === "true";
      this.#verdict.expect(says, `a refusal says nothing of coming again: ${head}`);
      return;
    }
    this.tally.add(answer);
  }
}
