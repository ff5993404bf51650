import type { AddressInfo } from "node:net";
import type { Classifier, ResponseClassifier } from "../classify/classifier.ts";
import type { Config } from "../config/config.ts";
import { Conversations } from "../conversation/conversations.ts";
import { type Random, systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { Dispatch } from "../pipeline/dispatch.ts";
import type { ConfiguredPlugin } from "../pipeline/stages.ts";
import type { Feed } from "../record/feed.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Chain } from "../routing/chain.ts";
import { Discovery } from "../upstream/discovery.ts";
import { listModels } from "../upstream/model-list.ts";
import type { Fleet } from "../upstream/provider.ts";
import { Transports } from "../upstream/transports.ts";
import { Guard } from "./auth.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Listener } from "./listener.ts";
import { Overload } from "./overload.ts";
import { PageGuard } from "./page-guard.ts";
import { RouterTable } from "./router-table.ts";
import { buildRoutes } from "./routes.ts";

/** What a router is made of; built by the composition root. */
export interface RouterParts {
  config: Config;
  /** The key clients must present; undefined: none. */
  serverKey: string | undefined;
  fleet: Fleet;
  chain: Chain;
  classifiers: readonly Classifier[];
  responseClassifiers: readonly ResponseClassifier[];
  plugins: readonly ConfiguredPlugin[];
  recorder: Recorder;
  feed: Feed;
  random: Random;
  /** The program's own log. */
  programLog: Log;
}

export interface RunningRouter {
  /** Where it listens, with the real port. */
  readonly url: string;
  /** Stops accepting, lets what runs end for a while, then cuts it. */
  close(): Promise<void>;
}

/** The first look at the providers may take this long before requests are accepted without it. */
const FIRST_DISCOVERY_MS = 1_000;
const DRAIN_MS = 10_000;
const DRAIN_LOOK_MS = 50;

/** Listens. Rejects with node's own error when the address cannot be had. */
export async function startRouter(parts: RouterParts): Promise<RunningRouter> {
  const { config, programLog: log } = parts;
  const transports = new Transports(systemClock, parts.random);
  const discovery = new Discovery(parts.fleet, (provider, request) => transports.requestJson(provider, request), {
    refreshMs: config.discovery.refresh_s * 1000,
    clock: systemClock,
    log,
  });
  const dispatch = new Dispatch({
    ...parts,
    transports,
    clock: systemClock,
    log,
    strict: config.translation.strict,
    conversations: new Conversations(config.conversations, systemClock),
  });
  const overload = new Overload(config.overload, systemClock);
  const lifecycle = new Lifecycle();
  const routes = buildRoutes({
    dispatch,
    chain: parts.chain,
    fleet: parts.fleet,
    transports,
    feed: parts.feed,
    models: () => listModels(parts.fleet, parts.chain.rewrites()),
    maxBodyBytes: config.server.max_body_mb * 1024 * 1024,
    dashboard: config.server.dashboard,
    overload,
    lifecycle,
    log,
  });
  const listener = new Listener(
    new RouterTable(routes),
    new PageGuard(config.server.host, config.server.allowed_hosts),
    new Guard(parts.serverKey),
    log,
  );
  discovery.start();
  await discovery.ready(FIRST_DISCOVERY_MS);
  await listen(listener, config.server.host, config.server.port, log).catch(async (error: unknown) => {
    discovery.stop();
    await transports.close();
    throw error;
  });
  overload.start();
  return {
    url: urlOf(listener, config.server.host),
    close: async () => {
      lifecycle.stop();
      overload.stop();
      discovery.stop();
      parts.feed.end();
      await drain(listener);
      await transports.close();
    },
  };
}

function listen({ server }: Listener, host: string, port: number, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // Running out of file descriptors comes as an error of the listening socket, and passes.
      server.on("error", (error) => log("error", `listening: ${error.message}`));
      resolve();
    });
  });
}

function urlOf({ server }: Listener, host: string): string {
  const address: string | AddressInfo | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function drain({ server }: Listener): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    // Connections whose answer ends meanwhile would wait for a next request.
    const idle = setInterval(() => server.closeIdleConnections(), DRAIN_LOOK_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(idle);
      // The answers that were cut hear of it one turn after the server does, and say themselves why they ended.
      setImmediate(() => setImmediate(resolve));
    });
    server.closeIdleConnections();
  });
}
