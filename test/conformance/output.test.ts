import { OUTPUT } from "./features/output.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Output", OUTPUT);
