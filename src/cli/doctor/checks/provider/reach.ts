import { type LookupAddress, lookup } from "node:dns";
import { existsSync } from "node:fs";
import { connect, isIP } from "node:net";
import { promisify } from "node:util";
import type { Provider } from "../../../../upstream/provider.ts";
import { type Finding, failed, ok, warning } from "../../finding.ts";
import { inTime, Late } from "../../in-time.ts";
import { secureConnection } from "./secure-connection.ts";

const MOST_ADDRESSES = 4;
const MOST_MS = 10_000;

interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The way to a provider, step by step: name, connection, certificate. True when all of it may be walked. */
export async function reach(
  provider: Provider,
  patience: Patience,
  found: (finding: Finding) => void,
): Promise<boolean> {
  const url = new URL(provider.origin);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const patient = { ...patience, timeoutMs: Math.min(patience.timeoutMs, MOST_MS) };
  const { proxy, ca } = provider.way ?? {};
  if (proxy) {
    found(ok("tcp", `reached through the proxy ${proxy.origin}: the requests below show whether it lets them through`));
    return true;
  }
  const addresses = await addressesOf(host, patient, found);
  if (addresses === undefined) return false;
  if (!(await connection(provider, { host, port, addresses }, patient, found))) return false;
  if (url.protocol === "https:") return secureConnection({ host, port, ca }, patient, found);
  if (!provider.nearby && Object.keys(provider.headers).length > 0) {
    const todo = "write https:// in base_url, if the provider has it";
    found(warning("tls", "plain http: whoever is on the way can read the key and all prompts", todo));
  }
  return true;
}

async function addressesOf(
  host: string,
  { timeoutMs, signal }: Patience,
  found: (finding: Finding) => void,
): Promise<string[] | undefined> {
  if (isIP(host) !== 0) return [host];
  const startedMs = performance.now();
  try {
    const all: LookupAddress[] = await inTime(promisify(lookup)(host, { all: true }), timeoutMs, signal);
    const addresses = [...new Set(all.map(({ address }) => address))].slice(0, MOST_ADDRESSES);
    found(ok("dns", `${host} is ${addresses.join(", ")}`, performance.now() - startedMs));
    return addresses;
  } catch (error) {
    const why = error instanceof Late ? error.message : codeOf(error);
    const todo = "check base_url, and that this machine can look up names (network, VPN, /etc/resolv.conf)";
    found(failed("dns", `the name ${host} is not found (${why})`, todo));
    return undefined;
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

/** Every address is tried, as connections do: one that answers is enough, but which ones do is worth knowing. */
async function connection(
  provider: Provider,
  { host, port, addresses }: Place,
  patience: Patience,
  found: (finding: Finding) => void,
): Promise<boolean> {
  const tried = await Promise.all(addresses.map((address) => connected(address, port, patience)));
  const open = tried.filter(({ code }) => code === undefined);
  const [first] = open.toSorted((one, other) => one.ms - other.ms);
  if (first === undefined) {
    const whys = [...new Set(tried.map(({ code }) => code))].join(", ");
    found(failed("tcp", `nobody answers at ${host} port ${port} (${whys})`, startRemedy(provider, host)));
    return false;
  }
  const deaf = tried.filter(({ code }) => code !== undefined).map(({ address }) => address);
  const isLocal = host === "localhost" && deaf.length > 0;
  // The router tries both; others do not.
  const pitfall = isLocal ? `; ${deaf.join(", ")} does not: programs that try only that one fail` : "";
  found(ok("tcp", `${first.address} port ${port} answers${pitfall}`, first.ms));
  return true;
}

interface Tried {
  readonly address: string;
  readonly ms: number;
  /** Why not; undefined: it stands. */
  readonly code: string | undefined;
}

async function connected(address: string, port: number, { timeoutMs, signal }: Patience): Promise<Tried> {
  const startedMs = performance.now();
  const socket = connect({ host: address, port });
  const stands = new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  try {
    await inTime(stands, timeoutMs, signal);
    return { address, ms: performance.now() - startedMs, code: undefined };
  } catch (error) {
    return { address, ms: 0, code: error instanceof Late ? error.message : codeOf(error) };
  } finally {
    // What comes after it was given up is of no interest.
    socket.on("error", () => socket.destroy());
    socket.destroy();
  }
}

function startRemedy({ config, half, nearby }: Provider, host: string): string {
  if (!nearby) return "check base_url, the network and its firewall; see the row proxy";
  const start = half.dialect === "ollama" ? "start it: ollama serve" : `start ${config.preset ?? "the server"} there`;
  const isOwn = host === "localhost" || host.startsWith("127.") || host === "::1";
  if (!isOwn || !existsSync("/.dockerenv")) return `${start}, or correct base_url`;
  return `${start}; in a container ${host} is the container itself: the machine is host.docker.internal`;
}

export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : String(error);
}
