import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { folderFor } from "../processes.ts";
import type { Contender } from "./contender.ts";
import { freePort, startOutside } from "./outside.ts";

/** Debian's nginx as a reverse proxy that keeps its connections, in one process as all the others: the practical limit. */
export const nginx: Contender = {
  name: "nginx",
  takes: ["openai"],
  async start(upstreamUrl) {
    const command = installed();
    if (command === undefined) throw new Error("it is not installed: `apt-get install nginx-light`");
    const [folder, port] = [folderFor("nginx"), await freePort()];
    const file = join(folder, "nginx.conf");
    writeFileSync(file, configOf(folder, port, new URL(upstreamUrl).host));
    return startOutside({ command, args: ["-p", folder, "-e", "stderr", "-c", file], port, env: {} });
  },
};

function installed(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, "nginx")).find((file) => existsSync(file));
}

/** Bodies stay in memory, and what comes from upstream goes on at once. */
function configOf(folder: string, port: number, upstream: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n  ")}
  client_max_body_size 64m;
  client_body_buffer_size 2m;
  keepalive_requests 1000000000;
  upstream up { server ${upstream}; keepalive 1024; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://up;
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_buffering off;
    }
  }
}
`;
}
