import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../support/exchange.ts";
import { inProcess } from "../support/in-process.ts";
import { otlpReceiver } from "../support/otlp-receiver.ts";
import { startUpstream } from "../support/upstream/upstream.ts";

const GEN_AI_S = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const GEN_AI_TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
const BODY = { model: "m", messages: [{ role: "user", content: "hi" }] };

describe("metrics over OTLP", () => {
  test("have 0.7.0's names and the conventions', are cumulative, and are sent when the router ends", async (t) => {
    const receiver = await otlpReceiver(t);
    const upstream = await startUpstream("anthropic");
    t.after(() => upstream.close());
    upstream.answer({ text: "hello", usage: { input: 1_000, output: 20 } });
    const toml = [
      `[telemetry]\nenabled = true\notlp_endpoint = "${receiver.url}"\n[metrics]\nenabled = true`,
      `[[providers]]\nname = "c"\nformat = "anthropic"\nbase_url = "${upstream.url}"`,
      `[[routers]]\ntype = "fallback"`,
    ].join("\n\n");
    const router = await inProcess(t, toml, { recording: true });
    for (const stream of [false, true])
      await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify({ ...BODY, stream }) });
    upstream.answer({ error: { status: 529, message: "busy" } });
    await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(BODY) });
    await router.settled();
    await router.close();

    const metrics = receiver.metrics();
    const of = (name: string) => metrics.get(name) ?? { unit: "", kind: "", temporality: 0, points: [] };
    const target = { provider: "c", model: "m" };
    // Once, though two read it.
    deepEqual(
      of("router.requests").points.map(({ attributes, value }) => [attributes, value]),
      [
        [{ ...target, client: "openai", outcome: "ok", error: false }, 2],
        [{ ...target, client: "openai", outcome: "error", error: true }, 1],
      ],
    );
    const { unit, kind, temporality } = of("router.requests");
    deepEqual([unit, kind, temporality], ["{request}", "sum", 2]);
    const [input] = of("router.tokens.input").points;
    deepEqual([input?.attributes, input?.value], [{ ...target, error: false }, 2_000]);
    equal(of("router.tokens.output").points[0]?.value, 40);

    const inMs = of("router.request.duration_ms");
    const inS = of("router.request.duration");
    deepEqual([inMs.unit, inMs.points.map(({ count }) => count)], ["ms", [2, 1]]);
    deepEqual(inMs.points[0]?.buckets, inS.points[0]?.buckets);
    deepEqual(inMs.points[0]?.sum, Number(inS.points[0]?.sum) * 1000);

    const common = {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.request.model": "m",
      provider: "c",
    };
    const duration = of("gen_ai.client.operation.duration");
    deepEqual([duration.unit, duration.points[0]?.bounds], ["s", GEN_AI_S]);
    deepEqual(
      duration.points.map(({ attributes, count }) => [attributes, count]),
      [
        [common, 2],
        [{ ...common, "error.type": "overloaded" }, 1],
      ],
    );
    const usage = of("gen_ai.client.token.usage");
    deepEqual(
      usage.points.map(({ attributes, sum }) => [attributes["gen_ai.token.type"], sum]),
      [
        ["input", 2_000],
        ["output", 40],
      ],
    );
    deepEqual(usage.points[0]?.bounds, GEN_AI_TOKENS);
    equal(of("gen_ai.client.operation.time_to_first_chunk").points[0]?.count, 1);
    equal(of("router.time_to_first_token").points[0]?.count, 1);
    equal(of("router.config.version").points[0]?.value, 1);
    equal(receiver.resource()["service.name"], "opensourcellmrouter");
  });

  test("are not sent when the environment says so", async (t) => {
    const receiver = await otlpReceiver(t);
    const toml = `[telemetry]\nenabled = true\notlp_endpoint = "${receiver.url}"\n[[providers]]\nname = "s"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`;
    const router = await inProcess(t, toml, { recording: true, env: { OTEL_METRICS_EXPORTER: "none" } });
    await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(BODY) });
    await router.settled();
    await router.close();
    ok(receiver.spans().length > 0);
    equal(receiver.metrics().size, 0);
  });
});
