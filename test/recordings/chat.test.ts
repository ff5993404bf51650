import { replayAll } from "./replay.ts";

replayAll("Recordings of Chat Completions", ({ format }) => format === "openai" || format === "openai-completions");
