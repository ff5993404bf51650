import { Refusal } from "./io.ts";

/** The value of `--port`. Throws `Refusal` when it is none. */
export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65535) return port;
  throw new Refusal(2, `--port must be a number from 0 to 65535, not ${JSON.stringify(text)}`);
}
