import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { inProcess } from "../../../test/support/in-process.ts";
import { testProvider } from "../../../test/support/provider.ts";
import { overloadSchema } from "../../config/config.ts";
import type { ProviderHealth } from "../../resilience/health.ts";
import { Fleet } from "../../upstream/provider.ts";
import { Lifecycle } from "../lifecycle.ts";
import { Overload } from "../overload.ts";
import { reasonsAgainst } from "./ready.ts";

const PAUSED: ProviderHealth = { state: "open", reason: null, pauseMs: 1_000, alarms: [], models: [] };

test("not ready: while every provider is left alone, while it stops, and while it is overloaded", () => {
  const left = new Map<string, ProviderHealth>();
  const lifecycle = new Lifecycle();
  const parts = {
    fleet: new Fleet([testProvider({ name: "a" }), testProvider({ name: "b" })]),
    overload: new Overload({ ...overloadSchema.parse({}), max_in_flight: 1 }, new FakeClock()),
    lifecycle,
    health: { snapshot: () => left },
    inFlight: () => 0,
  };
  left.set("a", PAUSED);
  deepEqual(reasonsAgainst(parts), []);
  left.set("b", PAUSED);
  deepEqual(reasonsAgainst(parts), ["no provider can be asked"]);
  left.clear();
  deepEqual(reasonsAgainst({ ...parts, inFlight: () => 1 }), ["overloaded"]);
  lifecycle.stop();
  deepEqual(reasonsAgainst(parts), ["stopping"]);
});

test("it is open without the router's key, and says nothing that is not for everybody", async (t) => {
  const config = `[server]\napi_key_env = "KEY"\n[[providers]]\nname = "secret-name"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`;
  const router = await inProcess(t, config, { env: { KEY: "k" } });
  const answer = await fetch(`${router.url}/ready`);
  equal(answer.status, 200);
  equal(await answer.text(), '{"ready":true}');
});
