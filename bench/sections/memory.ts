import { anthropicBody, openaiBody } from "../bodies.ts";
import { during, rssMb, type Server, startLoad, startRouter, startServer } from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** Whether requests leave something behind. */
export const memory: Section = {
  name: "memory",
  title: "Memory over 100,000 requests",
  measure: (effort) => during(() => measure(effort)),
};

const STEPS = 5;
const CONNECTIONS = 64;
const [QUICK, FULL] = [20_000, 100_000];

interface Candidate {
  name: string;
  server: Server;
  translated: boolean;
}

async function measure({ rounds }: Effort): Promise<Measured> {
  const requests = rounds < 3 ? QUICK : FULL;
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const candidates: readonly Candidate[] = [
    {
      name: "bare proxy",
      server: await startServer("bench/bare-proxy.ts", [upstream.url], { probed: true }),
      translated: false,
    },
    { name: "passed through", server: await startRouter(upstream.url, { probed: true }), translated: false },
    {
      name: "anthropic → openai, log on",
      server: await startRouter(upstream.url, { probed: true, logging: true }),
      translated: true,
    },
  ];
  const rows = candidates.map(({ name }) => [name]);
  const heaps = candidates.map((): number[] => []);
  for (let step = 1; step <= STEPS; step++)
    for (const [index, { name, server, translated }] of candidates.entries()) {
      for (const stream of [false, true]) {
        const body = (translated ? anthropicBody : openaiBody)(2_048, stream);
        const path = translated ? "/v1/messages" : "/v1/chat/completions";
        const order = { url: server.url, path, body, connections: CONNECTIONS, ms: 600_000 };
        const { errors } = await load({ ...order, requests: requests / STEPS / 2 });
        if (errors > 0) throw new Error(`${errors} requests failed (${name})`);
      }
      // Resident as it runs, before a collection is asked for.
      const resident = rssMb(server.pid);
      const { heapBytes } = await server.probe();
      heaps[index]?.push(heapBytes);
      rows[index]?.push(`${resident.toFixed(0)} / ${(heapBytes / 2 ** 20).toFixed(1)}`);
    }
  const after = Array.from({ length: STEPS }, (_, step) => (requests / STEPS) * (step + 1));
  return {
    about: `${requests} requests of 2 KB, half whole, half streams of 200 events as fast as they go, ${CONNECTIONS} connections: MB resident, and MB of V8's heap after a collection, after so many of them.`,
    columns: ["", ...after.map((count) => `${count}`)],
    rows,
    figures: { "memory: growth": (heaps[1]?.at(-1) ?? Number.NaN) / (heaps[1]?.[0] ?? Number.NaN) },
  };
}
