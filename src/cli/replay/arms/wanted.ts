import { parseFilter } from "../../../remote/filter.ts";
import type { LoggedExchange } from "../../../replay/arms/askable.ts";
import { LogReading } from "../../../replay/reading/read-log.ts";
import { Refusal } from "../../io.ts";
import type { ArmsSettings } from "./settings.ts";

/** The exchanges of a log that are asked for. Throws `Refusal` where there is no log. */
export async function* wantedOf(log: string, { sinceMs, filter }: ArmsSettings): AsyncGenerator<LoggedExchange> {
  const isWanted = parseFilter(filter);
  const reading = new LogReading(log, sinceMs);
  try {
    for await (const exchange of reading.exchanges()) if (isWanted(exchange.row)) yield exchange;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw noLog(log);
  }
  // Files that are older than what is wanted are not read.
  if (sinceMs === undefined && reading.read.files.length === 0) throw noLog(log);
}

function noLog(log: string): Refusal {
  return new Refusal(1, `there is no log at ${log}: --log names another, [logging] enabled = true writes one`);
}
