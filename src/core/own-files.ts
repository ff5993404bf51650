import { existsSync, lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Who asks, as files know it. */
export interface User {
  uid: number;
  gid: number;
}

/** Undefined where the system has no such owners (Windows): nothing can be looked at then. */
export function currentUser(): User | undefined {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/**
 * Whether somebody else could have written a file that is going to be run, or says what is: the file, its folder or a folder
 * above it is another user's or can be written by others. Says who and what to change; undefined: nobody could.
 */
export function foreignWriter(path: string, user: User | undefined = currentUser()): string | undefined {
  if (!user) return undefined;
  if (!existsSync(path)) return `${path} is gone`;
  const [named, real] = [resolve(path), realpathSync(path)];
  // A link can be put elsewhere, and what it leads to can be written.
  return foreignWriterOf(real, user) ?? (named === real ? undefined : foreignWriterOf(named, user));
}

function foreignWriterOf(file: string, user: User): string | undefined {
  const found = foreignOwner(file, statSync(file), user) ?? otherWriters(file, statSync(file), user);
  if (found !== undefined) return found;
  for (let folder = dirname(file), isOwn = true; ; folder = dirname(folder), isOwn = false) {
    const stat = statSync(folder);
    // Whoever has a folder, or may write it, can put another file in this one's place; a sticky one (`/tmp`) lets only owners do so.
    const fault =
      foreignOwner(folder, stat, user) ?? (isOwn || !isSticky(stat) ? otherWriters(folder, stat, user) : undefined);
    if (fault !== undefined || folder === dirname(folder)) return fault;
  }
}

function foreignOwner(path: string, { uid }: Stats, user: User): string | undefined {
  return uid === user.uid || uid === 0 ? undefined : `${path} belongs to another user (${uid}): chown it`;
}

function otherWriters(path: string, { mode, gid }: Stats, user: User): string | undefined {
  if ((mode & 0o002) !== 0) return `${path} can be written by everybody: chmod o-w ${path}`;
  // A group of one's own, which has one's own number on most systems, is oneself. Others (macOS's `staff`) are full of users.
  const isOwnGroup = gid === user.gid && gid === user.uid;
  return (mode & 0o020) === 0 || isOwnGroup ? undefined : `${path} can be written by group ${gid}: chmod g-w ${path}`;
}

function isSticky({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0;
}

/** Whether the path is a link that somebody else put there: neither the user nor root. */
export function isForeignLink(path: string, user: User | undefined = currentUser()): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return user !== undefined && stat?.isSymbolicLink() === true && stat.uid !== user.uid && stat.uid !== 0;
}
