import { dispatch } from "./dispatch.ts";
import { processIo } from "./io.ts";

/** The program: `bin/` and `npm start` run this file. */
process.exitCode = await dispatch(process.argv.slice(2), processIo);
