import { type Load, Race, type Ratio, type Work } from "./cpu.ts";
import { type Server, startRouter, startServer, stop } from "./processes.ts";

const whole: Work = { bytes: 2_048, stream: false, translated: false, requests: 240 };
const large: Work = { ...whole, bytes: 60_000, requests: 96 };
const stream: Work = { ...whole, stream: true, requests: 48 };
const KINDS: Record<string, Work> = {
  "passthrough, 2 KB: CPU": whole,
  "passthrough, 60 KB: CPU": large,
  "passthrough, events of a burst: CPU": stream,
  "anthropic → openai, 2 KB: CPU": { ...whole, translated: true },
  "anthropic → openai, 60 KB: CPU": { ...large, translated: true },
  "anthropic → openai, events of a burst: CPU": { ...stream, translated: true },
};

/** Rounds between two looks at what is not yet sure. */
const AT_ONCE = 20;
/** Then it is left as not surely more. */
const TIME_MS = 55_000;

/**
 * What requests take of the router's CPU time, in that of the bare proxy, by kind. Goes on for a minute where the interval leaves open whether it is
 * more than `most` says, or nothing is said.
 */
export async function cpuRatios(
  load: Load,
  upstream: Server,
  most: (name: string) => number | undefined,
): Promise<Record<string, Ratio>> {
  const bare = await startServer("bench/bare-proxy.ts", [upstream.url]);
  const router = await startRouter(upstream.url);
  const races = new Map(Object.entries(KINDS).map(([name, work]) => [name, new Race(load, work, { bare, router })]));
  const ratios: Record<string, Ratio> = {};
  try {
    const until = performance.now() + TIME_MS;
    for (const race of races.values()) await race.warmUp();
    do {
      for (const [name, race] of races) {
        await race.run(AT_ONCE);
        const ratio = race.ratio();
        ratios[name] = ratio;
        const limit = most(name);
        if (limit !== undefined && (ratio.most <= limit || limit < ratio.least)) races.delete(name);
      }
    } while (races.size > 0 && performance.now() < until);
    return ratios;
  } finally {
    stop(bare);
    stop(router);
  }
}
