import type { AddressInfo, ListenOptions } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { systemClock } from "../core/clock.ts";
import { RouterError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { isSamePlace } from "../upstream/build-fleet.ts";
import { Discovery } from "../upstream/discovery.ts";
import type { Fleet, Provider } from "../upstream/provider.ts";
import type { Company, Totals } from "./company.ts";
import { drain } from "./drain.ts";
import { Lasting } from "./lasting.ts";
import { Listener } from "./listener.ts";
import { LiveMetrics, totalsOf } from "./live-metrics.ts";
import { recallLog } from "./recall-log.ts";
import { buildVersion, type RouterParts, type Version } from "./version.ts";

export interface RunningRouter {
  /** Where it listens, with the real port. */
  readonly url: string;
  /** The version of the config that answers, from 1 on. */
  readonly version: number;
  /** What outlives a config. */
  readonly lasting: Lasting;
  /** What this process comes to. */
  totals(): Totals;
  /** Goes over to another config, built whole before anything changes. Rejects, and changes nothing, when that fails. */
  swap(parts: RouterParts): Promise<number>;
  /** Stops accepting, lets what runs end for a while, then ends it. */
  close(): Promise<void>;
}

/** The first look at providers may take this long before requests are sent without it. */
const FIRST_DISCOVERY_MS = 1_000;
/** Connections that may wait to be accepted, where the system allows it: many clients may come at once, and those beyond wait for seconds. */
const BACKLOG = 4_096;
/** Whole answers have at least so long when the router stops: half an answer is none. */
const WHOLE_MS = 60_000;

/** How a router serves that is one of several processes. */
export interface Serving {
  readonly company: Company;
  /** Of the config it begins with. */
  readonly version: number;
  /** Where it listens, in place of `[server]` host and port: a socket's path, or another port. */
  readonly place?: { path: string } | { port: number };
  /** It is built, and does not listen yet. */
  readonly built: (lasting: Lasting) => void;
  /** A provider lists these models. */
  readonly listed?: (provider: Provider) => void;
}

/** Listens. Rejects with node's own error when the address cannot be had. */
export async function startRouter(parts: RouterParts, serving?: Serving): Promise<RunningRouter> {
  const router = new Router(parts, serving);
  await router.start();
  return router;
}

class Router implements RunningRouter {
  readonly lasting: Lasting;
  readonly #serving: Serving | undefined;
  /** Absent: another process asks. */
  readonly #discovery: Discovery | undefined;
  readonly #listener: Listener;
  #current: Version;

  constructor(parts: RouterParts, serving: Serving | undefined) {
    const { config, fleet, random, programLog: log, clock = systemClock } = parts;
    const recorder = () => this.#current.parts.recorder;
    const company = serving?.company;
    const lasting = new Lasting(config, { clock, random, log, recorder, ...(company && { company }) });
    const { transports } = lasting;
    this.#serving = serving;
    this.lasting = lasting;
    const options = {
      refreshMs: config.discovery.refresh_s * 1000,
      clock,
      log,
      ...(serving?.listed && { listed: serving.listed }),
    };
    if (company?.isTold !== true)
      this.#discovery = new Discovery(fleet, (provider, request) => transports.requestJson(provider, request), options);
    this.#current = buildVersion(serving?.version ?? 1, parts, lasting);
    this.#listener = new Listener(this.#current, lasting.lifecycle, log);
    parts.metrics.follow(new LiveMetrics(lasting, this.#listener, () => this.#current));
    lasting.overload.sampled = (lateMs) => parts.metrics.delayed(lateMs);
  }

  async start(): Promise<void> {
    const { config, fleet, pricing, programLog } = this.#current.parts;
    const { lasting } = this;
    this.#serving?.built(lasting);
    this.#discovery?.start();
    await this.#discovery?.ready(FIRST_DISCOVERY_MS);
    const { host, port } = config.server;
    const place = { host, port, ...this.#serving?.place };
    await listen(this.#listener, "path" in place ? { path: place.path } : place, programLog).catch(
      async (error: unknown) => {
        this.#discovery?.stop();
        await lasting.transports.close();
        throw error;
      },
    );
    lasting.overload.start();
    void pricing.load(fleet.all());
    if (lasting.company.isTold !== true) void recallLog(this.#current.parts, lasting);
  }

  get url(): string {
    return urlOf(this.#listener, this.#current.parts.config.server.host);
  }

  get version(): number {
    return this.#current.number;
  }

  totals(): Totals {
    return totalsOf(this.#listener, this.lasting.overload);
  }

  async swap(parts: RouterParts): Promise<number> {
    const { config, fleet, feed, pricing } = parts;
    const before = this.#current;
    const next = buildVersion(before.number + 1, parts, this.lasting);
    await this.#discovery?.meet(fleet, FIRST_DISCOVERY_MS);
    this.#discovery?.follow(fleet, config.discovery.refresh_s * 1000);
    this.lasting.resilience.keep(namesOfSame(fleet, before.parts.fleet));
    this.lasting.configure(config);
    this.#current = next;
    this.#listener.serve(next);
    void pricing.load(fleet.all());
    void this.lasting.underway.over(before.number).then(() => before.parts.stages.close(parts.stages));
    // Who watches by leave of the old config asks for it again.
    if (!config.server.dashboard || !isDeepStrictEqual(parts.keys, before.parts.keys)) feed.end();
    return next.number;
  }

  async close(): Promise<void> {
    const { lifecycle, overload, transports, clock, underway } = this.lasting;
    const { config, feed } = this.#current.parts;
    lifecycle.stop();
    overload.stop();
    this.#discovery?.stop();
    feed.end();
    await drain({
      server: this.#listener,
      sockets: this.#listener.sockets,
      clock,
      streamsMs: config.server.drain_s * 1000,
      wholeMs: WHOLE_MS,
      endStreams: () => underway.end("streams", stopped()),
      endAll: () => underway.end("all", stopped()),
    });
    underway.afterwards.finish();
    await Promise.all([transports.close(), this.#current.parts.stages.close(undefined)]);
  }
}

/** Those of which what is known still holds. */
function namesOfSame(now: Fleet, before: Fleet): Set<string> {
  const same = now.all().filter((provider) => {
    const old = before.get(provider.name);
    return old !== undefined && isSamePlace(provider, old);
  });
  return new Set(same.map(({ name }) => name));
}

function stopped(): RouterError {
  return new RouterError("stopping", "the router is being stopped, and its time for that is over");
}

function listen({ server }: Listener, place: ListenOptions, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...place, backlog: BACKLOG }, () => {
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
