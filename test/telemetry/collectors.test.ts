import { deepEqual, equal, ok } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { exchange } from "../support/exchange.ts";
import { otlpReceiver } from "../support/otlp-receiver.ts";
import { startRouter } from "../support/router.ts";
import { until } from "../support/until.ts";

const toml = (url: string, enabled = true) =>
  [
    `[server]\nport = 0`,
    `[telemetry]\nenabled = ${enabled}\notlp_endpoint = "${url}"`,
    `[[providers]]\nname = "s"\nformat = "simulated"\nmodels = ["m"]`,
    `[[routers]]\ntype = "fallback"`,
  ].join("\n\n");

const ask = (url: string) =>
  exchange(`${url}/v1/chat/completions`, {
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
  });

describe("collectors", { concurrency: true }, () => {
  test("the program's log lines and its last spans get to the collector; keys for it are sent and never logged", async (t) => {
    const receiver = await otlpReceiver(t);
    const router = await startRouter(toml(receiver.url), {
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20s3cret-k3y",
      OPENSOURCELLMROUTER_LOG_LEVEL: "debug",
    });
    t.after(() => router.close());
    equal((await ask(router.url)).status, 200);
    const config = join(router.folder, "config.toml");
    await writeFile(config, "wrong = ");
    router.signal("SIGHUP");
    await until(() => router.logs().includes("config.toml:1"), "the config refused");
    // A reload that turns it off loses nothing of what was.
    await writeFile(config, toml(receiver.url, false));
    router.signal("SIGHUP");
    await until(() => /version 2|reloaded/.test(router.logs()), "the reload");
    equal((await ask(router.url)).status, 200);
    router.signal("SIGTERM");
    deepEqual(await router.ended, 0);
    deepEqual(receiver.spans().filter(({ name }) => name === "request").length, 1);
    ok(receiver.requests.every(({ headers }) => headers["authorization"] === "Bearer s3cret-k3y"));
    ok(!router.logs().includes("s3cret"));
    const line = receiver.logs().find(({ severity }) => severity === "ERROR");
    ok(line && typeof line.body === "string" && router.logs().includes(line.body), JSON.stringify(receiver.logs()));
    equal(line.severityNumber, 17);
    const request = receiver.spans().find(({ name }) => name === "request");
    const about = receiver.logs().filter(({ attributes }) => attributes["request_id"] !== undefined);
    ok(about.length > 0);
    for (const one of about) deepEqual([one.traceId, one.spanId], [request?.traceId, request?.spanId]);
  });

  test("collectors that hang or are gone cost a request nothing, are told of once, and hold nobody up at the end", async (t) => {
    const receiver = await otlpReceiver(t);
    receiver.answer("hang");
    const urls = [receiver.url, "http://127.0.0.1:9"];
    const runs = urls.map(async (url) => {
      const router = await startRouter(toml(url), { OTEL_EXPORTER_OTLP_TIMEOUT: "60000" });
      t.after(() => router.close());
      for (let turn = 0; turn < 20; turn++) equal((await ask(router.url)).status, 200);
      router.signal("SIGTERM");
      const code = await Promise.race([
        router.ended,
        new Promise((resolve) => setTimeout(resolve, 20_000, "late").unref()),
      ]);
      equal(code, 0);
      ok((router.logs().match(/telemetry:/g) ?? []).length <= 2, router.logs());
    });
    await Promise.all(runs);
  });
});
