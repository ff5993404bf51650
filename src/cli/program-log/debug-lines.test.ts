import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { inProcess } from "../../../test/support/in-process.ts";
import { until } from "../../../test/support/until.ts";
import type { LogFields } from "../../core/log.ts";
import { DebugSink } from "../../record/debug-sink.ts";
import { logHttp } from "./http-lines.ts";

const TWO = `
[failover]
max_attempts = 2
[[providers]]
name = "bad"
format = "simulated"
cost_per_1m_tokens = 0
errors = [500]
[[providers]]
name = "good"
format = "simulated"
cost_per_1m_tokens = 1
[[routers]]
type = "price"
`;

test("debug: each step of a request has its line, and none has a word of it", async (t) => {
  const lines: { message: string; fields: LogFields }[] = [];
  const log = (_level: string, message: string, fields: LogFields = {}) => void lines.push({ message, fields });
  const router = await inProcess(t, TWO, { sinks: [new DebugSink(log)] });
  const end = logHttp(log, () => performance.now());
  t.after(end);
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "a very private word" }] });
  await (await fetch(`${router.url}/v1/chat/completions?api_key=hidden`, { method: "POST", body })).text();
  await (await fetch(`${router.url}/nowhere`)).text();
  await until(() => lines.filter(({ message }) => message === "HTTP answered").length === 2, "both HTTP lines");
  const [complete] = await router.completed();
  const said = (message: string) => lines.find((line) => line.message === message)?.fields ?? {};
  deepEqual(
    lines.flatMap(({ message }) => (message.startsWith("HTTP") ? [] : [message])),
    [
      "request received",
      "request classified",
      "request routed",
      "attempt failed",
      "attempt answered",
      "request answered",
    ],
  );
  equal(said("request routed")["provider"], "bad");
  deepEqual(
    [said("attempt failed")["outcome"], said("attempt failed")["status"], said("attempt failed")["next"]],
    ["target", 500, "good m"],
  );
  const { request_id, provider, status, outcome, attempts } = said("request answered");
  deepEqual([request_id, provider, status, outcome, attempts], [complete?.id, "good", 200, "ok", 2]);
  equal(said("HTTP answered")["path"], "/v1/chat/completions");
  ok(lines.some(({ fields }) => fields["path"] === "/nowhere" && fields["status"] === 404));
  const all = JSON.stringify(lines);
  doesNotMatch(all, /private|hidden/);
  match(all, /request_id/);
  end();
  const before = lines.length;
  await (await fetch(`${router.url}/health`)).text();
  equal(lines.length, before);
});
