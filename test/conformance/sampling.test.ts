import { SAMPLING } from "./features/sampling.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Sampling", SAMPLING);
