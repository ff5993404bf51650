import { replayAll } from "./replay.ts";

replayAll("Recordings of Responses", ({ format }) => format === "openai-responses");
