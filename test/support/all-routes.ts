import { conversationsSchema, overloadSchema } from "../../src/config/config.ts";
import { Conversations } from "../../src/conversation/conversations.ts";
import { systemClock } from "../../src/core/clock.ts";
import { Dispatch } from "../../src/pipeline/dispatch.ts";
import { Feed } from "../../src/record/feed.ts";
import { Recorder } from "../../src/record/recorder.ts";
import { Chain } from "../../src/routing/chain.ts";
import type { Route } from "../../src/server/call.ts";
import { Lifecycle } from "../../src/server/lifecycle.ts";
import { Overload } from "../../src/server/overload.ts";
import { buildRoutes } from "../../src/server/routes.ts";
import { Fleet } from "../../src/upstream/provider.ts";
import { Transports } from "../../src/upstream/transports.ts";

/** The routes of a router that has every route there is, and nothing behind them. */
export function allRoutes(): Route[] {
  const chain = new Chain([], new Fleet([]));
  const transports = new Transports(systemClock, Math.random);
  const feed = new Feed();
  const dispatch = new Dispatch({
    chain,
    classifiers: [],
    responseClassifiers: [],
    plugins: [],
    transports,
    recorder: new Recorder([feed]),
    clock: systemClock,
    log: () => undefined,
    strict: false,
    configVersion: 1,
    conversations: new Conversations(conversationsSchema.parse({}), systemClock),
  });
  const parts = {
    dispatch,
    chain,
    fleet: new Fleet([]),
    transports,
    feed,
    models: () => [],
    maxBodyBytes: 1,
    overload: new Overload(overloadSchema.parse({}), systemClock),
    lifecycle: new Lifecycle(),
    log: () => undefined,
  };
  return buildRoutes({ ...parts, dashboard: true });
}
