import { Refusal } from "../io.ts";
import type { Host } from "./host.ts";
import { launchd } from "./launchd.ts";
import type { Manager } from "./manager.ts";
import { systemd } from "./systemd.ts";

/** The one of this machine. Throws `Refusal` where there is none that is known. */
export function managerOf(host: Host, isMachine: boolean): Manager {
  switch (host.platform) {
    case "linux":
      return systemd(host, isMachine);
    case "darwin":
      return launchd(host, isMachine);
    case "win32":
      throw new Refusal(
        1,
        "services are installed on Linux (systemd) and macOS (launchd) only. On Windows let the Task Scheduler start\n" +
          '"opensourcellmrouter run C:\\path\\to\\config.toml" at logon, or install it in WSL.',
      );
    default:
      throw new Refusal(
        1,
        `services are installed on Linux (systemd) and macOS (launchd) only, not on ${host.platform}: ` +
          'let "opensourcellmrouter run CONFIG" be started by whatever starts programs here',
      );
  }
}
