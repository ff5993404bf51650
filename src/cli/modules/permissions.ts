import { currentUser, foreignWriter, type User } from "../../core/own-files.ts";
import { ModuleFault } from "./fault.ts";

/** Refuses code that somebody else could have written, or chosen: throws `ModuleFault`, which says what to change. */
export function refuseForeignHands(file: string, user: User | undefined = currentUser()): void {
  const found = foreignWriter(file, user);
  if (found !== undefined)
    throw new ModuleFault(`code is loaded only from what nobody else could have written: ${found}`);
}
