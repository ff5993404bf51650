import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { type Finding, failed, ok, warning } from "../../finding.ts";
import { inTime, Late } from "../../in-time.ts";

const DAY_MS = 24 * 3_600_000;
const SOON_DAYS = 14;

/** Whether the connection is a safe one, by the very rules the router's own connections have. */
export async function secureConnection(
  { host, port, ca }: { host: string; port: number; ca?: string | undefined },
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  found: (finding: Finding) => void,
): Promise<boolean> {
  const startedMs = performance.now();
  const socket = connect({
    host,
    port,
    ca,
    rejectUnauthorized: true,
    ALPNProtocols: ["http/1.1"],
    ...(isIP(host) === 0 && { servername: host }),
  });
  const stands = new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  try {
    await inTime(stands, timeoutMs, signal);
    found(certificateFinding(socket, performance.now() - startedMs));
    return true;
  } catch (error) {
    found(faultFinding(error));
    return false;
  } finally {
    socket.on("error", () => socket.destroy());
    socket.destroy();
  }
}

function certificateFinding(socket: TLSSocket, ms: number): Finding {
  const until = Date.parse(socket.getPeerCertificate().valid_to);
  return expiryFinding(until, Date.now(), socket.getProtocol() ?? "TLS", ms);
}

/** `untilMs`: of the certificate, wall clock. Exported for its test. */
export function expiryFinding(untilMs: number, nowMs: number, protocol: string, ms: number): Finding {
  const day = new Date(untilMs).toISOString().slice(0, 10);
  const days = Math.floor((untilMs - nowMs) / DAY_MS);
  if (days >= SOON_DAYS) return ok("tls", `${protocol}, the certificate is good until ${day}`, ms);
  return warning("tls", `the certificate ends in ${days} days, on ${day}`, "whoever runs that server has to renew it");
}

function faultFinding(error: unknown): Finding {
  if (error instanceof Late)
    return failed(
      "tls",
      `no secure connection: ${error.message}`,
      "check that base_url is right: is it plain http there?",
    );
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // OpenSSL's words; Node adds advice of its own behind a semicolon.
  const [message = ""] = (error instanceof Error ? error.message : String(error)).split(/[;\n]/);
  return failed("tls", `no secure connection: ${message}${code === "" ? "" : ` (${code})`}`, remedyFor(code));
}

function remedyFor(code: string): string {
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return "renew that certificate; if it is good by your calendar, this machine's clock is wrong";
  if (/SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)/.test(code))
    return 'write the file of the authority that signed it to the provider: ca_file = "…"';
  if (/ALTNAME/.test(code)) return "write the name in base_url that the certificate is for";
  if (/WRONG_VERSION|EPROTO|SSL/.test(code))
    return "it speaks no TLS there: write http:// in base_url, or its TLS port";
  return "check base_url, and what stands between this machine and the provider";
}
