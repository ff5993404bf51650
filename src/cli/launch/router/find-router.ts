/** What is at an address. */
export type Found =
  | { readonly what: "router" }
  | { readonly what: "nothing"; readonly reason: string }
  /** Something else, or something that does not answer. */
  | { readonly what: "other"; readonly reason: string };

const PATIENCE_MS = 5_000;
/** There is nobody to talk to: everything else is an answer of some kind. */
const NOBODY = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ECONNABORTED"];

/** Asks for /health, which needs no key: a router says who it is, or at least what routers say there. */
export async function findRouter(base: string): Promise<Found> {
  try {
    const response = await fetch(`${base}/health`, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await beginningOf(response);
    // A proxy before it may put its own name there.
    const isRouter = response.headers.get("server")?.startsWith("opensourcellmrouter");
    if (response.ok && (isRouter || text === "ok")) return { what: "router" };
    return { what: "other", reason: `/health answers with status ${response.status}, and not as a router does` };
  } catch (cause) {
    const { code, message } = innermost(cause);
    if (cause instanceof Error && cause.name === "TimeoutError") {
      return { what: "other", reason: `it took the connection, but did not answer within ${PATIENCE_MS / 1000} s` };
    }
    return { what: NOBODY.includes(code) ? "nothing" : "other", reason: code || message };
  }
}

/** Whatever sends more than a router says is not read to its end. */
async function beginningOf({ body }: Response): Promise<string> {
  let text = "";
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString("latin1");
    if (text.length > 100) break;
  }
  return text;
}

/** fetch says "fetch failed", and the reason in what caused that. */
function innermost(error: unknown): { code: string; message: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return { code: "", message: String(cause) };
  return { code: "code" in cause && typeof cause.code === "string" ? cause.code : "", message: cause.message };
}
