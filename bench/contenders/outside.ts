import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { adopt } from "../processes.ts";
import type { Running } from "./contender.ts";

const PATIENCE_MS = 30_000;
/** Of what it printed, when it does not start. */
const TOLD = 300;

export interface Outside {
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A port of the loopback that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the loopback gave no port");
  return address.port;
}

/** Starts a program that is not ours and waits until it listens; it is stopped with all others. Its environment is `env` and nothing else. */
export async function startOutside({ command, args, port, env }: Outside): Promise<Running> {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-TOLD);
    });
  let gone: string | undefined;
  child.once("error", (error) => {
    gone = error.message;
  });
  child.once("exit", (code, signal) => {
    gone ??= `it ended with ${code ?? signal}: ${told.trim()}`;
  });
  adopt(child);
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; await delay(50)) {
    if (gone !== undefined) throw new Error(gone);
    if (child.pid !== undefined && (await listens(port))) return { url: `http://127.0.0.1:${port}`, pid: child.pid };
  }
  child.kill("SIGKILL");
  throw new Error(`it did not listen within ${PATIENCE_MS / 1000} s: ${told.trim()}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const tell = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => tell(true));
    socket.once("error", () => tell(false));
  });
}
