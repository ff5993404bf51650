import { type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { ModuleFault } from "./fault.ts";

/** Who asks, as files know it. Undefined where the system has no such owners (Windows): nothing is looked at then. */
export interface User {
  uid: number;
  gid: number;
}

export function currentUser(): User | undefined {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/**
 * Refuses code that somebody else could have written: throws `ModuleFault` when the file, its folder or a folder above it can
 * be written by others, or is another user's, saying what to change.
 */
export function refuseForeignHands(file: string, user: User | undefined = currentUser()): void {
  if (!user) return;
  refuseOwner(file, user);
  refuseWriters(file, statSync(file), user);
  for (let folder = dirname(file), isOwn = true; ; folder = dirname(folder), isOwn = false) {
    const stat = statSync(folder);
    // Whoever has a folder, or may write it, can put another file in this one's place; a sticky one (`/tmp`) lets only owners do so.
    refuseOwner(folder, user);
    if (isOwn || !isSticky(stat)) refuseWriters(folder, stat, user);
    if (folder === dirname(folder)) return;
  }
}

function refuseOwner(path: string, { uid }: User): void {
  const owner = statSync(path).uid;
  if (owner === uid || owner === 0) return;
  throw new ModuleFault(
    `${path} belongs to another user (${owner}): code is loaded only from your own files; chown it`,
  );
}

function refuseWriters(path: string, { mode, gid }: Stats, user: User): void {
  if ((mode & 0o002) !== 0) {
    throw new ModuleFault(`${path} can be written by everybody, who could put other code there: chmod o-w ${path}`);
  }
  // A group of one's own (the rule of most systems) is oneself.
  if ((mode & 0o020) !== 0 && gid !== user.gid) {
    throw new ModuleFault(`${path} can be written by group ${gid}, who could put other code there: chmod g-w ${path}`);
  }
}

function isSticky({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0;
}
