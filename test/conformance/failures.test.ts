import { BROKEN_STREAMS, FAILURES } from "./features/failures.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Providers that fail", FAILURES);
runMatrix("Streams that break", BROKEN_STREAMS);
