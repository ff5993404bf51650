import type { Config } from "../../../../config/config.ts";
import { isObject } from "../../../../core/json.ts";
import { type Finding, ok, skipped, warning } from "../../finding.ts";

/** Of the log, the store, the listening socket and Node itself. */
const OWN = 64;
/** One to the client, one to the provider. */
const PER_REQUEST = 2;
/** Where the config sets no limit. */
const MANY = 2_000;

/** Whether the limit of open files (`ulimit -n`) is enough for as many requests as the config admits. */
export function openFiles({ max_in_flight }: Config["overload"], limit = openFileLimit()): Finding {
  if (limit === undefined) return skipped("open files", "this system does not tell its limit");
  const requests = max_in_flight === 0 ? MANY : max_in_flight;
  const needed = requests * PER_REQUEST + OWN;
  const text = `up to ${limit === Infinity ? "any number" : limit.toLocaleString("en-US")}`;
  const use = `${requests.toLocaleString("en-US")} requests at once need ${needed.toLocaleString("en-US")}`;
  if (limit >= needed) return ok("open files", `${text}; ${use}`);
  const todo = `raise it (ulimit -n ${needed}; LimitNOFILE= in systemd), or lower [overload] max_in_flight`;
  return warning("open files", `${text}, but ${use}`, todo);
}

/** Node has raised the soft limit to the hard one when it started, and so it does for the router. */
function openFileLimit(): number | undefined {
  // Else it would look up the names of all connections there are; not every version's types know of it.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const limits = isObject(report) ? report["userLimits"] : undefined;
  const files = isObject(limits) ? limits["open_files"] : undefined;
  const soft = isObject(files) ? files["soft"] : undefined;
  if (soft === "unlimited") return Infinity;
  return typeof soft === "number" ? soft : Number(soft) || undefined;
}
