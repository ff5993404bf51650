import { chatDialect } from "../../support/upstream/upstream.ts";
import { body, end, head, instead, inTurn, refused } from "../parts.ts";
import { type Row, row } from "../row.ts";
import { KEYS } from "../secrets.ts";

/** As providers do who want to say which key it was. */
const WORDS = `Incorrect API key provided: ${KEYS.ONE_KEY}. Bearer ${KEYS.ONE_KEY}`;

/** Providers that repeat the key they were given. */
export const ECHOES: Row[] = [
  row(8, "401 that repeats the key", {
    play: refused({ status: 401, message: WORDS }),
    ends: { sees: "elsewhere", kind: "credential", tries: 1, status: 502 },
  }),
  row(8, "400 that repeats the key", {
    play: refused({ status: 400, message: WORDS }),
    ends: { sees: "told", kind: "caller", tries: 1, status: 400 },
  }),
  row(16, "a page that repeats the key", {
    play: instead(`<html><body>${WORDS}</body></html>`, "text/html"),
    ends: { sees: "elsewhere", kind: "malformed", tries: 1, status: 502 },
  }),
  row(
    17,
    "an error inside a stream that repeats the key",
    ({ provider }) => ({
      play: inTurn(
        head(),
        body("half"),
        (call) => call.send(Buffer.from(chatDialect(call.format).errorFrame(WORDS))),
        end,
      ),
      ends: {
        sees: "broken",
        kind: provider === "anthropic" || provider === "gemini" ? "overloaded" : "target",
        tries: 1,
        status: 200,
      },
    }),
    { only: "stream" },
  ),
];
