import { createServer } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { type ConfigSummary, configSummarySchema, type Status, statusSchema } from "../../../../api/routing.ts";
import { RemoteError, RemoteRouter } from "../../../../remote/remote-router.ts";
import { clientUrl } from "../../../address.ts";
import { VERSION } from "../../../version.ts";
import { counted, type Finding, failed, ok, skipped, warning } from "../../finding.ts";
import { holderOf } from "./port-holder.ts";

const PATIENCE_MS = 2_000;

export interface PortQuestion {
  readonly host: string;
  readonly port: number;
  /** What the router there asks of its clients. */
  readonly key: string | undefined;
  /** What a router with this config would say of it. */
  readonly expected: Omit<ConfigSummary, "version">;
}

/** The router's port: free, or held by a router of ours, which is then asked how it is, or by somebody else. */
export async function port(question: PortQuestion, signal: AbortSignal): Promise<Finding[]> {
  const { host, port: number } = question;
  if (number === 0) return [skipped("port", "0: a free one is taken at the start")];
  const code = await listenCode(host, number);
  if (code === undefined) return [ok("port", `${number} is free`)];
  if (code === "EADDRINUSE") return held(question, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
  if (code === "EACCES") {
    return [failed("port", `${number} is not yours to listen on`, "choose one above 1023: [server] port, or --port")];
  }
  return [failed("port", `${host} is not an address of this machine (${code})`, "correct [server] host")];
}

/** Why it cannot be listened on; undefined: it can. */
function listenCode(host: string, number: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port: number, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

async function held(question: PortQuestion, signal: AbortSignal): Promise<Finding[]> {
  const { host, port: number, key } = question;
  const base = clientUrl(`http://${host.includes(":") ? `[${host}]` : host}:${number}`);
  const router = new RemoteRouter(base, key);
  try {
    const status = await router.get("/router/status", statusSchema, signal);
    const config = await router.get("/router/config", configSummarySchema, signal);
    return [aboutRouter(question, status, config), ...recordFindings(status)];
  } catch (cause) {
    const holder = await holderOf(number);
    const who = holder === undefined ? "another program" : `${holder.name} (process ${holder.pid})`;
    const todo = `stop it, or choose another port: [server] port, or --port`;
    if (cause instanceof RemoteError && cause.kind === "unauthorized") {
      const what = `${number} is held by ${who}, which asks for another key than this config names`;
      return [failed("port", what, "if it is a router of yours, start it anew with this config's key; else stop it")];
    }
    return [failed("port", `${number} is held by ${who}, not by a router of this version`, todo)];
  }
}

function aboutRouter({ port: number, expected }: PortQuestion, status: Status, config: ConfigSummary): Finding {
  const since = new Date(status.started_ms).toISOString().slice(0, 16).replace("T", " ");
  const what = `${number}: a router runs here since ${since} UTC, version ${status.version}, ${counted(status.in_flight, "request")} under way`;
  if (status.version !== VERSION) {
    return warning("port", `${what}; this program is ${VERSION}`, "start it anew to run this version");
  }
  const differing = differences(expected, config);
  const whose = `its config (version ${config.version}, ${config.file ?? "detected"})`;
  if (differing.length === 0) return ok("port", `${what}; ${whose} is the one looked at here`);
  return warning(
    "port",
    `${what}; ${whose} differs from the one looked at here in ${differing.join(", ")}`,
    "its log says why a reload was refused; or it was started with another config",
  );
}

/** The parts of the config that are not the same in both. Host and port may come from the command line. */
export function differences(expected: Omit<ConfigSummary, "version">, actual: ConfigSummary): string[] {
  const { host: _host, port: _port, ...server } = actual.server;
  const { host: _otherHost, port: _otherPort, ...expectedServer } = expected.server;
  const pairs: [string, unknown, unknown][] = [
    ["server", expectedServer, server],
    ["logging", expected.logging, actual.logging],
    ["failover", expected.failover, actual.failover],
    ["providers", [expected.providers, expected.skipped], [actual.providers, actual.skipped]],
    ["routers", expected.rules, actual.rules],
    ["classifiers", expected.classifiers, actual.classifiers],
    ["response_classifiers", expected.response_classifiers, actual.response_classifiers],
    ["plugins", expected.plugins, actual.plugins],
  ];
  return pairs.filter(([, one, other]) => !isDeepStrictEqual(asSent(one), asSent(other))).map(([name]) => name);
}

/** As JSON carries it: what is undefined is not there. */
function asSent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function recordFindings({ log, store }: Status): Finding[] {
  const findings: Finding[] = [];
  if (log.dropped > 0) {
    const text = `the router that runs has dropped ${counted(log.dropped, "record")} of ${log.path ?? "its log"}`;
    findings.push(warning("records", text, "the disk was too slow, full or not writable: see the row log"));
  }
  if (!log.ok)
    findings.push(failed("records", `its log cannot be written: ${log.problem ?? ""}`, "mend what it names"));
  if (store.state === "failed")
    findings.push(
      warning("records", `its store of past exchanges fails: ${store.problem ?? ""}`, "mend what it names"),
    );
  return findings;
}
