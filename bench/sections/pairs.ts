import { pathOf } from "../../test/conformance/requests.ts";
import { CLIENT_FORMATS, type ClientFormat } from "../../test/support/clients/heard.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../../test/support/upstream/answer.ts";
import { chatDialect } from "../../test/support/upstream/upstream.ts";
import { askOf, KB2 } from "../asks.ts";
import { CHUNKS, questionBody } from "../bodies.ts";
import { spread } from "../figures.ts";
import { cpuMicros, during, type Server, startLoad, startRouter, startServer } from "../processes.ts";
import type { Load } from "../rounds.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** Every client's API to every provider's. */
export const pairsWhole: Section = {
  name: "pairs, whole",
  title: "Every pair of APIs, whole",
  measure: (effort) => during(() => measure(effort, false)),
};

export const pairsStreamed: Section = {
  name: "pairs, streamed",
  title: "Every pair of APIs, streamed",
  measure: (effort) => during(() => measure(effort, true)),
};

const CONNECTIONS = 64;

async function measure({ rounds, seconds }: Effort, stream: boolean): Promise<Measured> {
  const load = startLoad();
  const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
  const bare = await startServer("bench/bare-proxy.ts", [upstream.url]);
  const provider = await startServer("bench/provider.ts");
  const router = await startRouter(upstream.url, {
    tables: UPSTREAM_FORMATS.map((to) => tablesFor(to, provider.url)).join("\n"),
  });
  // There are 35 pairs: a part of a round is enough for each.
  const ms = seconds * 300;
  const costs = new Map<string, number[]>();
  const refused = new Set<string>();
  for (let round = -1; round < rounds; round++)
    for (const client of CLIENT_FORMATS) {
      // The yardstick before each row, so that what the machine did meanwhile it did to both.
      const yardstick = await costOf(load, bare, askOf("openai", KB2, stream), ms, stream);
      for (const to of UPSTREAM_FORMATS) {
        const pair = `${client} → ${to}`;
        const model = `to-${to}/bench`;
        const ask = { path: pathOf(client, model, stream), body: questionBody(client, model, KB2, stream) };
        try {
          if (round < 0) await check(router, ask, stream);
          const cost = await costOf(load, router, ask, ms, stream);
          if (round >= 0) costs.set(pair, [...(costs.get(pair) ?? []), cost / yardstick]);
        } catch (error) {
          refused.add(`- ${pair}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }
  const unit = stream ? `an event of a stream of ${CHUNKS} as fast as it goes` : "a whole answer";
  return {
    about: `CPU of ${unit}, request of 2 KB, ${CONNECTIONS} connections, as a multiple of the bare proxy's, which passes OpenAI's API through. Clients' APIs down, providers' across; bold is passed through, everything else translated.`,
    columns: ["", ...UPSTREAM_FORMATS],
    rows: CLIENT_FORMATS.map((client) => [
      client,
      ...UPSTREAM_FORMATS.map((to) => cell(client, to, costs.get(`${client} → ${to}`))),
    ]),
    ...(refused.size > 0 && { notes: [...refused].join("\n") }),
  };
}

function cell(client: ClientFormat, to: UpstreamFormat, ratios: readonly number[] | undefined): string {
  if (ratios === undefined) return "–";
  const text = spread(ratios, 2, " ×");
  return client === to ? `**${text}**` : text;
}

/** A provider of this API and the rule that leads to it. */
function tablesFor(to: UpstreamFormat, url: string): string {
  return `[[providers]]
name = "p-${to}"
format = "${to}"
base_url = "${url}/${to}${chatDialect(to).base}"
[[routers]]
type = "prefix"
model_prefix = "to-${to}/"
provider = "p-${to}"
rewrite_model = "bench-sent"`;
}

interface Request {
  readonly path: string;
  readonly body: string;
}

/** Whether it is an answer at all, and all of it. */
async function check({ url }: Server, { path, body }: Request, stream: boolean): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`answered ${response.status}: ${text.trim().slice(0, 200)}`);
  const words = stream ? text.split('"word"').length - 1 : 1;
  if (words < (stream ? CHUNKS : 1) || (!stream && !text.includes("The quick brown fox")))
    throw new Error(`the answer lacks text: ${words} words`);
}

/** µs of each request, or of each event. */
async function costOf(
  load: Load,
  { url, pid }: Server,
  { path, body }: Request,
  ms: number,
  stream: boolean,
): Promise<number> {
  const before = cpuMicros(pid);
  const { requests, errors } = await load({ url, path, body, connections: CONNECTIONS, ms, requests: 1e9 });
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed`);
  return (cpuMicros(pid) - before) / requests / (stream ? CHUNKS : 1);
}
