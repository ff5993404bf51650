import { replayAll } from "./replay.ts";

replayAll("Recordings of Gemini", ({ format }) => format === "gemini");
