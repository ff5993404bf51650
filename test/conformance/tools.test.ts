import { HOSTED_TOOLS, TOOLS } from "./features/tools.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Tools", TOOLS);
runMatrix("Hosted tools", HOSTED_TOOLS);
