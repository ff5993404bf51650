import { readdir, readFile, readlink } from "node:fs/promises";

export interface Holder {
  readonly pid: number;
  readonly name: string;
}

const LISTENS = "0A";

/** The process that listens on a TCP port of this machine, where /proc tells (Linux, and only of processes one may look into). */
export async function holderOf(port: number): Promise<Holder | undefined> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  const pids = (await listed("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    for (const fd of await listed(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) return { pid: Number(pid), name: await nameOf(pid) };
    }
  }
  return undefined;
}

async function listeningInodes(port: number): Promise<Set<string>> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readFile(table, "utf8").catch(() => "");
    for (const line of text.split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local.endsWith(suffix) && state === LISTENS && inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

/** Other users' processes tell nothing, and any may end while it is looked at. */
function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function nameOf(pid: string): Promise<string> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return name.trim() || "a process";
}
