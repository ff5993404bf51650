import { dispatch } from "./dispatch.ts";
import { processIo } from "./io.ts";
import { outliveTerminal } from "./outlive.ts";

/** The program: `bin/` runs this file. */
outliveTerminal();
process.exitCode = await dispatch(process.argv.slice(2), processIo);
