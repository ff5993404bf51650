import fs from "node:fs";
import net from "node:net";

// Loaded before the router (`--import`): writes to stderr what it connects to, and lets it reach this machine only.

const connect = net.Socket.prototype.connect;

Reflect.set(net.Socket.prototype, "connect", function watched(this: net.Socket, ...args: unknown[]): unknown {
  // Node hands on its own arguments as a list.
  const [first] = args.flat();
  const { host = "localhost", port = "" } =
    typeof first === "object" && first !== null ? targetOf(first) : { port: String(first) };
  fs.writeSync(2, `CONNECT ${host}:${port}\n`);
  if (/^(?:localhost|127\..*|::1)$/.test(host)) return Reflect.apply(connect, this, args);
  process.nextTick(() => this.destroy(new Error("the test lets nothing out")));
  return this;
});

function targetOf(options: object): { host?: string; port: string } {
  const [host, port] = [Reflect.get(options, "host"), Reflect.get(options, "port")];
  return { ...(typeof host === "string" && { host }), port: String(port) };
}
