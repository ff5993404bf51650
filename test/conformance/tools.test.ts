import { TOOLS } from "./features/tools.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Tools", TOOLS);
