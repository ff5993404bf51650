import { replayAll } from "./replay.ts";

replayAll("Recordings of Anthropic", ({ format }) => format === "anthropic");
