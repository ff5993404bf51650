import { MESSAGES } from "./features/messages.ts";
import { runMatrix } from "./matrix.ts";

runMatrix("Messages", MESSAGES);
