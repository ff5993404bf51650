import { z } from "zod";
import { isOrigin } from "../core/origin.ts";
import { keySource, name, positive, seconds } from "./fields.ts";

/** A conversation of an agent with 400 turns has some thousand. */
export const DEFAULT_BODY_ITEMS = 50_000;

/** As browsers write it: they send it so, and it is compared exactly. */
const origin = z.string().refine(isOrigin, {
  error: "is no origin: write it as browsers send it, such as https://app.example, without path, * or final slash",
});

/** Each keeps all that is remembered of conversations. */
const MAX_WORKERS = 64;

/** A key that clients may present, and what it is called. */
const serverKeySchema = z.strictObject({
  name: name.describe("What events, logs and rules call it."),
  key_env: name.optional().describe("NAME of the environment variable that holds it."),
  key_from: keySource.describe("Where else it is: `file:PATH`, `exec:COMMAND`, or `env:NAME`."),
});

/** `[server]`. */
export const serverSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1").describe("Address to listen on; 0.0.0.0 accepts other machines."),
  port: z.number().int().min(0).max(65535).default(8090).describe("Port to listen on; 0 takes a free one."),
  dashboard: z.boolean().default(false).describe("Serve /dashboard and its event feed."),
  api_key_env: name
    .optional()
    .describe("NAME of the environment variable that holds the key clients must present; it is called `default`."),
  api_keys_env: z
    .array(name)
    .default([])
    .describe("NAMES of variables with further keys, each called by the name of its variable."),
  keys: z.array(serverKeySchema).default([]).describe("Further keys, with names of your own."),
  admin_key_env: name
    .optional()
    .describe(
      "NAME of the variable with the key for /router, /dashboard and /metrics: clients' keys do not open them then.",
    ),
  admin_key_from: keySource.describe("Where else that is: `file:PATH`, `exec:COMMAND`, or `env:NAME`."),
  allowed_hosts: z
    .array(name)
    .default([])
    .describe("Further names this router may be called by, without port; loopback names always may."),
  cors_origins: z
    .array(origin)
    .default([])
    .describe("Pages of these origins may use the router and read its answers, but for what is the owner's."),
  max_connections: z
    .number()
    .int()
    .positive()
    .default(10_000)
    .describe("Connections of clients at a time; beyond that idle ones are closed, and new ones turned away."),
  max_header_kb: z.number().int().min(4).max(1024).default(64).describe("Largest request head taken, in KiB."),
  header_s: positive.default(10).describe("A request whose head takes longer is cut off."),
  body_s: positive.default(60).describe("A request that takes longer to come in whole is cut off."),
  max_body_mb: positive.default(64).describe("Largest request body taken, in MiB."),
  max_body_items: z
    .number()
    .int()
    .min(100)
    .max(1_000_000)
    .default(DEFAULT_BODY_ITEMS)
    .describe("Most messages, parts, calls and tools taken in one request body, together."),
  keep_alive_s: seconds
    .default(15)
    .describe("A stream whose provider is silent gets a sign of life this often; 0 sends none."),
  workers: z
    .union([z.int().min(1).max(MAX_WORKERS), z.literal("auto")])
    .default(1)
    .describe(
      "Processes that share the port; `auto`: as many as the machine has cores for. Changes with a restart only.",
    ),
  drain_s: seconds.default(30).describe("How long streams may go on after the router was told to stop."),
});
