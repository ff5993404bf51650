import { setTimeout as delay } from "node:timers/promises";
import OpenAI from "openai";
import { during, openLoop } from "../rig/load.ts";
import { nowMs } from "../rig/now.ts";
import { Rig } from "../rig/processes.ts";
import { providerToml, startProvider } from "../rig/provider.ts";
import { requestOf } from "../rig/requests.ts";
import { type Outcome, type Scenario, type Size, Verdict } from "../scenario.ts";

const PER_SECOND = 50;
/** [failover] retry_share, and what may be tried again however few requests there are: ten in ten seconds, twice at the edges. */
const SHARE = 0.2;
const RESERVE_PER_S = 1;
const RESERVE_AT_FIRST = 10;

/** Three targets, all dead: a request is sent three times only while that is a small share of all. */
export const amplification: Scenario = {
  name: "amplification",
  figure: `requests that arrive at three providers, all of them failing, for each that clients make, ${PER_SECOND} a second; plain clients, and the OpenAI SDK with its own retries; breakers off, and as they are`,
  goal: "≤ 1.2 and the reserve of 10 in 10 s; ≤ 1.3 behind the SDK",
  run,
};

async function run(size: Size): Promise<Outcome> {
  const lastsMs = size.count(60, 4) * 1_000;
  const verdict = new Verdict();
  // The four share nothing but the machine.
  const measured = await Promise.all([
    factor("plain", false, lastsMs, verdict),
    factor("SDK", false, lastsMs, verdict),
    factor("plain", true, lastsMs, verdict),
    factor("SDK", true, lastsMs, verdict),
  ]);
  return verdict.outcome(measured.join("; "));
}

type Client = "plain" | "SDK";

async function factor(client: Client, breakers: boolean, lastsMs: number, verdict: Verdict): Promise<string> {
  await using rig = new Rig();
  const provider = await startProvider(rig);
  const providers = ["one", "two", "three"].map((name) =>
    providerToml(name, "openai", provider.base("openai", "fail-503")),
  );
  const router = await rig.router(
    `[server]\nport = 0\n[breaker]\nenabled = ${breakers}\n${providers.join("\n")}\n[[routers]]\ntype = "fallback"\n`,
  );
  const asked = await (client === "plain" ? plainLoad(router.url, lastsMs) : sdkLoad(router.url, lastsMs));
  const { requests } = await provider.counts();
  const seconds = lastsMs / 1_000;
  const reserve = RESERVE_AT_FIRST + RESERVE_PER_S * seconds;
  const most = asked * (client === "plain" ? 1 + SHARE : 1.3) + reserve;
  const name = `${client}, breakers ${breakers ? "on" : "off"}`;
  verdict.expect(
    requests <= most,
    `${name}: ${requests} for ${asked} requests, at most ${Math.floor(most)} were promised`,
  );
  verdict.expect(breakers || requests >= asked, `${name}: only ${requests} for ${asked} requests`);
  return `${name}: ${(requests / asked).toFixed(2)}`;
}

async function plainLoad(url: string, lastsMs: number): Promise<number> {
  let asked = 0;
  const next = during(lastsMs, () => {
    asked++;
    return { request: requestOf({ stream: asked % 2 === 0 }) };
  });
  await openLoop(url, PER_SECOND, lastsMs, next);
  return asked;
}

/** Calls an application makes: the SDK sends each up to three times, unless it is told not to. */
async function sdkLoad(url: string, lastsMs: number): Promise<number> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none" });
  const calls: Promise<unknown>[] = [];
  for (const end = nowMs() + lastsMs; nowMs() < end; ) {
    const call = client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "hello" }] });
    calls.push(call.catch((error: unknown) => error));
    await delay(1_000 / PER_SECOND);
  }
  await Promise.all(calls);
  return calls.length;
}
