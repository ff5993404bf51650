import { Agent, request } from "node:http";
import type { Cleanup } from "../in-process.ts";

const AGENTS = ["claude-cli/2.1.0 (external)", "codex_cli_rs/0.60.0", "OpenAI/Python 2.1.0", "curl/8.5.0"];
const PROMPTS = [
  "Why does this function return undefined when the list is empty?",
  "A poem on the sea, please",
  "Compare two ways to cache a prompt, in three sentences",
  "Translate 'good morning' into Japanese 🌅",
  'call tool get_weather {"city": "Paris"}',
];
const MODELS = ["near-small", "near-large", "near-small", "far-large"];
const WEATHER = {
  name: "get_weather",
  description: "The weather in a city, now.",
  parameters: { type: "object", properties: { city: { type: "string" } } },
};

export interface TrafficOptions {
  perSecond: number;
  /** Every so many requests go to `broken`. */
  brokenEvery?: number;
  /** Words that are added to each prompt, so that the answer takes its time. */
  words?: number;
}

/** Sends requests of several programs until the test ends or it is stopped: half of them streamed. */
export function startTraffic(
  test: Cleanup,
  url: string,
  options: TrafficOptions,
): { stop(): Promise<void>; sent(): number } {
  const agent = new Agent({ keepAlive: true, maxSockets: 400 });
  const under = new Set<Promise<void>>();
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    // However late the timer is, so many are due.
    const due = Math.floor(((performance.now() - begun) / 1000) * options.perSecond);
    while (sent < due) {
      const running = send(agent, url, sent++, options).finally(() => under.delete(running));
      under.add(running);
    }
  }, 10);
  const stop = async () => {
    clearInterval(timer);
    await Promise.all(under);
    agent.destroy();
  };
  test.after(stop);
  return { stop, sent: () => sent };
}

/** Sends `count` requests one after the other, the same each time. */
export async function sendSome(
  url: string,
  count: number,
  options: Omit<TrafficOptions, "perSecond"> = {},
): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  for (let serial = 0; serial < count; serial++) await send(agent, url, serial, options);
  agent.destroy();
}

function send(agent: Agent, url: string, serial: number, options: Omit<TrafficOptions, "perSecond">): Promise<void> {
  const { brokenEvery, words = 0 } = options;
  const isBroken = brokenEvery !== undefined && serial % brokenEvery === brokenEvery - 1;
  const text = `${PROMPTS[serial % PROMPTS.length]}${" and on".repeat(words)}`;
  const model = isBroken ? "broken" : MODELS[serial % MODELS.length];
  const isAnthropic = serial % 4 === 0;
  const tool = isAnthropic ? { ...WEATHER, input_schema: WEATHER.parameters } : { type: "function", function: WEATHER };
  const body = JSON.stringify({
    model,
    stream: serial % 2 === 0,
    max_tokens: 4000,
    messages: [{ role: "user", content: text }],
    tools: [tool],
    ...(serial % 8 === 0 && { thinking: { type: "enabled", budget_tokens: 1024 } }),
  });
  const headers = {
    "content-type": "application/json",
    "user-agent": AGENTS[serial % AGENTS.length],
    "x-session-id": `session-${serial % 7}`,
  };
  const path = isAnthropic ? "/v1/messages" : "/v1/chat/completions";
  return new Promise((resolve) => {
    const outgoing = request(url + path, { method: "POST", agent, headers }, (incoming) => {
      incoming.resume();
      incoming.once("close", resolve);
    });
    // A router that is stopped meanwhile is what some tests are about.
    outgoing.once("error", () => resolve());
    outgoing.end(body);
  });
}
