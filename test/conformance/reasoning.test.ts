import { REASONING } from "./features/reasoning.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Reasoning", REASONING);
