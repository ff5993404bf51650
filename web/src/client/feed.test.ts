import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { RouterEvent } from "../../../src/record/events.ts";
import { ApiError } from "./api.ts";
import { type Connection, FeedClient } from "./feed.ts";

/** A feed whose connections are what the test says they are, in turn. */
function follow(connections: (() => Response)[]) {
  const asked: (string | undefined)[] = [];
  const seen: string[] = [];
  const states: Connection[] = [];
  let told: () => void = () => undefined;
  const feed = new FeedClient({
    open: async (lastId) => {
      asked.push(lastId);
      const next = connections.shift();
      if (!next) throw new ApiError(0, "the router cannot be reached");
      return next();
    },
    onEvent: (event: RouterEvent) => void seen.push(event.type),
    onGap: () => void seen.push("gap"),
    onState: (state) => {
      states.push(state);
      told();
    },
  });
  /** Resolves when the newest state is this one. */
  const becomes = async (state: Connection["state"]): Promise<void> => {
    while (states.at(-1)?.state !== state) await new Promise<void>((resolve) => (told = resolve));
    // What waits for its pause to end must have begun to.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { feed, asked, seen, states, becomes };
}

const stream = (text: string) => () => new Response(text);
const START = 'data: {"type":"start","id":"a"}\n\n';

test("events, and after a loss what came since the last one", async () => {
  const { feed, asked, seen, states, becomes } = follow([
    stream(`id: r-1\n\nid: r-2\n${START}`),
    stream(`event: missed\ndata: {}\n\nid: r-9\ndata: {"type":"complete","id":"a"}\n\n`),
  ]);
  feed.start();
  await becomes("lost");
  feed.retryNow();
  await becomes("open");
  await becomes("lost");
  feed.retryNow();
  await new Promise((resolve) => setImmediate(resolve));
  feed.stop();
  deepEqual(seen, ["start", "gap", "complete"]);
  deepEqual(asked, [undefined, "r-2", "r-9"]);
  equal(states[0]?.state, "connecting");
});

test("each try that fails waits longer", async () => {
  const { feed, states, becomes } = follow([]);
  feed.start();
  for (let tries = 0; tries < 6; tries++) {
    await becomes("lost");
    states.push({ state: "connecting" });
    feed.retryNow();
  }
  feed.stop();
  const pauses = states.flatMap((state) => (state.state === "lost" ? [state.retryAtMs - Date.now()] : []));
  match(states.find((state) => state.state === "lost")?.problem ?? "", /cannot be reached/);
  const [first = 0] = pauses;
  const last = pauses.at(-1) ?? 0;
  equal(first < 700 && last > 3_500 && last < 6_400, true, pauses.join());
});

test("a wrong key is said, and not tried again", async () => {
  const { feed, asked, becomes } = follow([() => new Response("no", { status: 401 })]);
  feed.start();
  await becomes("refused");
  feed.retryNow();
  await new Promise((resolve) => setImmediate(resolve));
  equal(asked.length, 1);
});

test("what is no event ends the connection, not the page", async () => {
  const { feed, states, seen, becomes } = follow([stream(`data: {broken\n\n${START}`), stream(START)]);
  feed.start();
  await becomes("lost");
  feed.retryNow();
  await becomes("open");
  await becomes("lost");
  feed.stop();
  deepEqual(seen, ["start"]);
  equal(states.filter(({ state }) => state === "lost").length, 2);
});
