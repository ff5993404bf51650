import { LOGPROBS } from "./features/logprobs.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Log probabilities", LOGPROBS);
