import { equal, match } from "node:assert/strict";
import type { Hook, Plugin } from "../../../src/plugins/plugin.ts";
import { expectAnswer } from "../../conformance/matrix.ts";
import { pathOf } from "../../conformance/requests.ts";
import { ASK } from "../../support/clients/ask.ts";
import { type InProcessRouter, oneProvider, startInProcess } from "../../support/in-process.ts";
import { post, rawClient } from "../../support/raw-client.ts";
import { until } from "../../support/until.ts";
import type { Bench } from "../bench.ts";
import { textOf } from "../call.ts";
import { bodyOf, freshModel } from "../expect.ts";
import { answered } from "../parts.ts";
import type { Row } from "../row.ts";
import type { Variant } from "../variants.ts";

type Check = (router: InProcessRouter, bench: Bench, variant: Variant, model: string) => Promise<void>;

/** Plugins are the router's own code: each fault gets a router that has it. */
function plugged(fault: string, plugin: Plugin, check: Check): Row {
  return {
    number: 29,
    fault: `plugin that ${fault}`,
    where: ({ second }) => !second,
    async check(bench, variant) {
      const model = freshModel(variant);
      bench.upstream.script(model, "one", { play: answered });
      const base = bench.upstream.base("one", variant.provider);
      const router = await startInProcess(oneProvider(variant.provider, base), { plugins: [plugin] });
      try {
        await check(router, bench, variant, model);
      } finally {
        await router.close();
      }
      bench.upstream.forget(model);
    },
  };
}

/** In front of the provider: what it would have changed is not known, and nothing is sent. */
const refusedAll: Check = async (router, bench, variant, model) => {
  const heard = await ASK[variant.client](router.url, { model, ...bodyOf(variant) }, variant.stream);
  equal(heard.status, 500);
  match(heard.raw, /plugin faulty failed in pre_request/);
  const [event] = await router.completed();
  equal(event?.outcome, "plugin_failed");
  equal(bench.upstream.asked(model).length, 0);
};

/** Behind the provider: the answer is there, and goes on as it was. */
const answeredAll: Check = async (router, _bench, variant, model) => {
  const { client, provider, stream } = variant;
  const heard = await ASK[client](router.url, { model, ...bodyOf(variant) }, stream);
  expectAnswer(heard, { client, provider, stream, same: client === provider }, textOf("one", model));
  const [event] = await router.completed();
  equal(event?.outcome, "ok");
};

/** It is told when the client has had enough. */
const leftAlone: Check = async (router, bench, variant, model) => {
  const { client, stream } = variant;
  const said = client === "gemini" ? bodyOf(variant) : { model, ...bodyOf(variant), stream };
  const from = await rawClient(router.url, post(pathOf(client, model, stream), JSON.stringify(said)));
  await until(() => router.starts().length === 1, "the request");
  from.socket.destroy();
  const [event] = await router.completed();
  equal(event?.outcome, "client-gone");
  equal(bench.upstream.asked(model).length, 0);
};

function boom(): never {
  throw new Error("the plugin broke");
}

/** As a plugin in plain JavaScript may. */
const garbage: Hook = () => JSON.parse('"garbage"');

export const PLUGINS: Row[] = [
  plugged("throws before the provider", { id: "faulty", pre_request: boom }, refusedAll),
  plugged("says nonsense before the provider", { id: "faulty", pre_request: garbage }, refusedAll),
  plugged("throws behind the provider", { id: "faulty", post_response: boom }, answeredAll),
  plugged("says nonsense behind the provider", { id: "faulty", on_end: garbage }, answeredAll),
  plugged("never ends", { id: "faulty", pre_request: () => new Promise(() => undefined) }, leftAlone),
];
