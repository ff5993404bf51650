import { TOOL_RESULTS } from "./features/tool-results.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Tool results", TOOL_RESULTS);
