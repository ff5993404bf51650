import { setTimeout as delay } from "node:timers/promises";
import { type RawClient, rawClient } from "../support/raw-client.ts";
import { askRaw, CHAT, SPENDING, statusOf } from "./ask-raw.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";

// Slowloris: connections that never finish what they say, or say nothing, until there are none left for others. Node waited for ever
// (CVE-2018-12122); Traefik held what was sent without end (CVE-2026-26999).

const LIMIT = 30;
const CONFIG = `[server]
port = 0
header_s = 0.5
body_s = 1
max_connections = ${LIMIT}
${SPENDING}`;
/** Well beyond the limits, and the second in which it is looked for those who are too slow. */
const PATIENCE_MS = 5_000;

/** Opens connections that start with this and go on with a byte at a time. Says whether they are open still, long after they should not be. */
async function drips({ router }: Field, start: string): Promise<string | undefined> {
  const clients = await Promise.all(Array.from({ length: LIMIT / 2 }, () => rawClient(router.url, start)));
  const isOpen = ({ closed }: RawClient) => !closed();
  const end = performance.now() + PATIENCE_MS;
  while (clients.some(isOpen) && performance.now() < end) {
    await delay(100);
    for (const { socket } of clients.filter(isOpen)) socket.write("x");
    // Others are served all the while.
    const head = await askRaw(router.url, {
      line: "GET /v1/models",
      headers: ["host: localhost", "connection: close"],
    });
    if (statusOf(head) !== 200) return `somebody else was answered ${head}`;
  }
  const open = clients.filter(isOpen).length;
  for (const { socket } of clients) socket.destroy();
  return open === 0 ? undefined : `${open} connections are open`;
}

const noTimers = [
  { file: "server/limits.ts", from: "header_s * 1000", to: "0" },
  { file: "server/limits.ts", from: "Math.max(header_s, body_s) * 1000", to: "0" },
];
const POST = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n";
const dripping = (name: string, start: string): Attack => ({
  name,
  guard: noTimers,
  run: (field) => drips(field, start),
});

/** Takes all connections there are, by asking and then saying nothing more; then somebody else comes. */
async function holdsAll({ router }: Field): Promise<string | undefined> {
  const health = "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
  const clients = await Promise.all(Array.from({ length: LIMIT }, () => rawClient(router.url, health)));
  await Promise.all(clients.map((client) => client.hears("ok")));
  let status = 0;
  // SDKs try again, too: the first one that is turned away makes room.
  for (let time = 0; time < 40 && status !== 200; time++) {
    if (time > 0) await delay(50);
    status = statusOf(await askRaw(router.url, { line: "GET /v1/models", headers: ["host: localhost"] }));
  }
  for (const { socket } of clients) socket.destroy();
  return status === 200 ? undefined : "nobody else is served";
}

/** More connections than the router is to have, all of them in the middle of a request. */
async function exceeds({ router }: Field): Promise<string | undefined> {
  const unfinished = `${POST}content-length: ${CHAT.length}\r\n\r\n{`;
  const clients = await Promise.all(Array.from({ length: 3 * LIMIT }, () => rawClient(router.url, unfinished)));
  const open = () => clients.filter(({ closed }) => !closed()).length;
  // Not for longer: by then the time for the rest of a request is nearly over, which closes them too.
  const end = performance.now() + 800;
  while (open() > LIMIT && performance.now() < end) await delay(20);
  const left = open();
  for (const { socket } of clients) socket.destroy();
  return left > LIMIT ? `${left} connections are open` : undefined;
}

attacks("S25: slow and idle clients", { config: CONFIG }, [
  dripping("a head that never ends", `${POST}x-slow: `),
  dripping("a body that never ends", `${POST}content-length: 100000\r\n\r\n{`),
  dripping("chunks that never end", `${POST}transfer-encoding: chunked\r\n\r\nfffff\r\n{`),
  {
    name: "idle connections, as many as there may be",
    guard: { file: "server/listener.ts", from: 'this.server.on("drop"', to: 'this.server.on("never"' },
    run: holdsAll,
  },
  {
    name: "more connections than there may be",
    guard: { file: "server/limits.ts", from: "server.maxConnections = max_connections;", to: "" },
    run: exceeds,
  },
]);
