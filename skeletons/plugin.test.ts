import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { ChatResponse, PluginExchange } from "opensourcellmrouter/plugin";
import plugin, { type Settings } from "./plugin.ts";

test("NAME puts its sign under the answer", () => {
  const response: ChatResponse = {
    id: "1",
    model: "m",
    parts: [{ type: "text", text: "Hello." }],
    finish: { reason: "stop" },
  };
  // Only what the hook looks at.
  const exchange = { response, settings: { sign: "(by me)" } } as PluginExchange<Settings>;
  equal(plugin.post_response(exchange), "modified");
  deepEqual(response.parts.at(-1), { type: "text", text: "\n\n(by me)" });
});
