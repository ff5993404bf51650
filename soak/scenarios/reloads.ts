import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CLIENT_FORMATS } from "../../test/support/clients/heard.ts";
import { until } from "../../test/support/until.ts";
import { type Answer, header, Line } from "../rig/line.ts";
import { during, type Job, openLoop } from "../rig/load.ts";
import { nowMs } from "../rig/now.ts";
import { openFiles, Rig, type Router } from "../rig/processes.ts";
import { type Provider, providerToml, startProvider } from "../rig/provider.ts";
import { requestOf } from "../rig/requests.ts";
import { Tally } from "../rig/tally.ts";
import { type Outcome, type Scenario, type Size, thousands, Verdict } from "../scenario.ts";

const PER_SECOND = 200;
const EVERY_MS = 100;
const LONG_STREAMS = 10;

/** The config is rewritten ten times a second under load: what answers a request is one version of it, attempts after failures too. */
export const reloads: Scenario = {
  name: "reloads",
  figure: `reloads, ten a second, under ${PER_SECOND} requests a second (every client format, whole and streamed) and ${LONG_STREAMS} long streams`,
  goal: "600 reloads, 0 errors, each answer by one version, files open ± 5",
  run,
};

async function run(size: Size): Promise<Outcome> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const router = await rig.router(configOf(provider, 0, size));
  const verdict = new Verdict();
  const wanted = size.count(600, 30);
  const filesBefore = openFiles(router.pid);

  const seen = new Seen(verdict);
  const streams = Array.from({ length: LONG_STREAMS }, () => longStream(router));
  const load = openLoop(router.url, PER_SECOND, wanted * EVERY_MS, during(wanted * EVERY_MS, jobs(seen)));
  await reload(router, provider, wanted, size);
  await load;
  await until(() => done(router) >= wanted, "the last reload").catch(String);

  const ended = streams.filter(({ line }) => line.usable || line.socket.destroyed).length;
  verdict.expect(ended === 0, `${ended} of ${LONG_STREAMS} long streams ended`);
  for (const { line } of streams) line.close();
  await delay(1_000);
  const files = openFiles(router.pid) - (await provider.counts()).sockets - filesBefore;
  verdict.expect(Math.abs(files) <= 5, `${files} more files are open than before`);
  verdict.expect(done(router) >= wanted, `${done(router)} of ${wanted} reloads`);
  verdict.expect(seen.tally.failed === 0, seen.tally.troubles());
  return verdict.outcome(
    `${done(router)} reloads, ${seen.tally.failed} errors in ${thousands(seen.tally.answers)} requests, answered by ${seen.versions.size} versions; ${files} more files open`,
  );
}

/**
 * Which version a request meets shows in the model that is asked. One in twenty is tried at a broken provider first.
 * A quick run shares the machine with other tests: lateness is no overload there.
 */
function configOf(provider: Provider, number: number, { quick }: Size): string {
  const model = `v${number}`;
  return [
    "[server]\nport = 0\n[breaker]\nenabled = false",
    quick ? "[overload]\nmax_delay_ms = 0" : "",
    providerToml("up", "openai", provider.base("openai")),
    providerToml("broken", "anthropic", provider.base("anthropic", "tarry-150")),
    '[[routers]]\ntype = "prefix"\nmodel_prefix = "broken"\nprovider = "broken"',
    `rewrite_model = "${model}"\nfallbacks = [{ provider = "up", model = "${model}" }]`,
    `[[routers]]\ntype = "fallback"\nproviders = ["up"]\nrewrite_model = "${model}"\n`,
  ].join("\n");
}

async function reload(router: Router, provider: Provider, times: number, size: Size): Promise<void> {
  const file = join(router.folder, "config.toml");
  const started = nowMs();
  for (let number = 1; number <= times; number++) {
    writeFileSync(`${file}.new`, configOf(provider, number, size));
    renameSync(`${file}.new`, file);
    router.child.kill("SIGHUP");
    await delay(Math.max(0, started + number * EVERY_MS - nowMs()));
  }
}

function done(router: Router): number {
  return router.printed().match(/ config version \d+: /g)?.length ?? 0;
}

/** What answers say of the version they came by. */
class Seen {
  readonly tally = new Tally();
  readonly versions = new Map<string, string>();
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  add(answer: Answer): void {
    this.tally.add(answer);
    if (answer.status !== 200) return;
    const version = header(answer.head, "x-router-config") ?? "none";
    const model = header(answer.head, "x-router-model") ?? "none";
    const before = this.versions.get(version);
    if (before === undefined) this.versions.set(version, model);
    else this.#verdict.expect(before === model, `version ${version} asked for ${before} and for ${model}`);
  }
}

function jobs(seen: Seen): () => Job {
  let serial = 0;
  return () => {
    const number = serial++;
    const client = CLIENT_FORMATS[number % CLIENT_FORMATS.length];
    const model = number % 20 === 0 ? "broken" : "m";
    const deed = number % 3 === 0 ? "slow-120" : "ok";
    const request = requestOf({ ...(client && { client }), model, stream: number % 2 === 0, deed });
    return { request, done: (answer) => seen.add(answer) };
  };
}

function longStream(router: Router) {
  const line = new Line(router.url);
  return { line, answer: line.ask(requestOf({ stream: true, deed: "drip-200" })) };
}
