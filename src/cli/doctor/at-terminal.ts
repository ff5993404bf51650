import { hasColours } from "../colours.ts";
import type { Io } from "../io.ts";
import { type DoctorArgs, doctor } from "./doctor.ts";

/** What nobody waits for any more may take until the system gives up: a name that is being looked up cannot be called off. */
const LEAVE_MS = 200;
const USUAL_COLUMNS = 80;

/** `doctor` at a terminal or in a pipe: colours, width, and Ctrl-C, which prints what is known. */
export async function doctorAtTerminal(args: DoctorArgs, io: Io): Promise<number> {
  const { stdout } = process;
  const colour = hasColours(io.env, stdout.isTTY);
  const screen = { colour, columns: (stdout.isTTY && stdout.columns) || USUAL_COLUMNS };
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  // A second one ends it at once, as usual.
  process.once("SIGINT", interrupt);
  // `doctor | head` is no mistake.
  stdout.on("error", interrupt);
  try {
    const code = await doctor(args, io, screen, stop.signal);
    setTimeout(() => process.exit(code), LEAVE_MS).unref();
    return code;
  } finally {
    process.off("SIGINT", interrupt);
  }
}
