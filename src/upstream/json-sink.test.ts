import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { providerAt } from "../../test/support/ear.ts";
import { chunk, chunkedHead, httpAnswer, tcpUpstream } from "../../test/support/tcp-upstream.ts";
import { until } from "../../test/support/until.ts";
import { systemClock } from "../core/clock.ts";
import { Transports } from "./transports.ts";

const REQUEST = { method: "POST", path: "/embeddings", body: "{}", timeoutMs: 60_000 } as const;

function transports(t: { after(run: () => Promise<void>): void }): Transports {
  const made = new Transports(systemClock, () => 0.5);
  t.after(() => made.close());
  return made;
}

test("small JSON answers: read whole, whatever their status; no JSON is told", async (t) => {
  const answers = [httpAnswer(200, "application/json", '{"a":1}'), httpAnswer(500, "text/plain", "no")];
  const upstream = await tcpUpstream(t, (socket) => socket.write(answers.shift() ?? ""));
  const provider = providerAt(upstream.origin);
  const http = transports(t);
  for (const [status, body, type] of [
    [200, { a: 1 }, "application/json"],
    [500, undefined, "text/plain"],
  ] as const) {
    const { headers, ...answer } = await http.requestJson(provider, REQUEST);
    deepEqual([answer, headers["content-type"]], [{ status, body }, type]);
  }
  equal(upstream.accepted, 1);
});

test("one that never ends is given up at 64 MB, and its connection closed", { timeout: 60_000 }, async (t) => {
  const piece = chunk(" ".repeat(1024 * 1024));
  const upstream = await tcpUpstream(t, (socket) => {
    socket.write(chunkedHead("application/json"));
    const fill = (): void => {
      while (socket.writable && socket.write(piece));
      socket.once("drain", fill);
    };
    fill();
  });
  const error = await transports(t)
    .requestJson(providerAt(upstream.origin), REQUEST)
    .catch((reason: Error) => reason.message);
  equal(error, "the answer is larger than 67108864 bytes");
  await until(() => upstream.open === 0, "the connection to close");
});
