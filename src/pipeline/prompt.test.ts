import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { exchange } from "../../test/support/exchange.ts";
import { inProcess } from "../../test/support/in-process.ts";
import { startUpstream } from "../../test/support/upstream/upstream.ts";
import { openaiClient } from "../wire/openai/client.ts";
import { Prompt } from "./prompt.ts";

const PLAIN = '{"model":"asked","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}]}';

test("what was let go is read again, the same", () => {
  const prompt = new Prompt(openaiClient, {}, Buffer.from(PLAIN), JSON.parse(PLAIN));
  const { request, body } = prompt;
  prompt.release();
  deepEqual(prompt.body, body);
  deepEqual(prompt.request, request);
});

for (const stream of [false, true]) {
  test(`passed through ${stream ? "as a stream" : "whole"}: the provider gets the rule's model, the record the whole prompt`, async (t) => {
    const upstream = await startUpstream("openai");
    t.after(() => upstream.close());
    const router = await inProcess(
      t,
      `[[providers]]\nname = "up"\nformat = "openai"\nbase_url = "${upstream.url}"\n` +
        `[[routers]]\ntype = "fallback"\nrewrite_model = "sent"\n`,
    );
    const body = stream ? PLAIN.replace("{", '{"stream":true,') : PLAIN;
    const got = await exchange(`${router.url}/v1/chat/completions`, { body });
    equal(got.status, 200);
    equal(upstream.last().raw.toString(), body.replace("asked", "sent"));
    const [complete] = await router.completed();
    equal(complete?.passthrough, true);
    equal(complete?.sent_model, "sent");
    equal(complete?.system, "be brief");
    deepEqual(complete?.messages, [{ role: "user", content: [{ type: "text", text: "hi" }] }]);
  });
}
