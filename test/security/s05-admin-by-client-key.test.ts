import type { Route } from "../../src/server/call.ts";
import { askRaw, otherThan, SPENDING, spends, statusOf } from "./ask-raw.ts";
import { attacks } from "./attacks.ts";

// With an ordinary key LiteLLM's config could be changed (CVE-2026-35029), and from there code be run. Here no route changes the config at all;
// what tells of all clients is the owner's. server-keys.test.ts asks every route with every holder's key in every place.

const CONFIG = `[server]
port = 0
dashboard = true
api_keys_env = ["CLIENT_KEY"]
admin_key_env = "ADMIN_KEY"
[metrics]
enabled = true
${SPENDING}`;
const ENV = { CLIENT_KEY: "the-key-of-a-client", ADMIN_KEY: "the-key-of-the-owner" };
const CLIENT = ["host: localhost", `authorization: Bearer ${ENV.CLIENT_KEY}`];
const ADMIN = ["host: localhost", `authorization: Bearer ${ENV.ADMIN_KEY}`];

const door = { file: "server/auth.ts", from: 'wanted !== "any" && known.opens !== wanted', to: "false" };
const isOwners = ({ path }: Route) => /^\/(?:router|dashboard|metrics)(?:\/|$)/.test(path);
const METHODS = ["POST", "PUT", "PATCH", "DELETE"];

attacks("S5: the owner's by a client's key", { config: CONFIG, env: ENV }, [
  {
    name: "a client's key on each of the owner's routes",
    guard: door,
    run: (field) => otherThan(401, field, CLIENT, isOwners),
  },
  {
    name: "one of the owner's routes that nobody marked as such",
    guard: {
      file: "server/routes.ts",
      from: "(forward && { endpoint: forward }), admin: true",
      to: "(forward && { endpoint: forward })",
    },
    run: (field) => otherThan(401, field, CLIENT, isOwners),
  },
  {
    name: "money spent by who may look only: the admin key",
    guard: door,
    run: (field) => spends(field, { headers: ADMIN }),
  },
  {
    name: "the owner's read with both keys, one of them wrong for it",
    guard: door,
    async run({ router }) {
      const headers = [...CLIENT, `x-api-key: ${ENV.ADMIN_KEY.slice(0, -1)}`];
      const head = await askRaw(router.url, { line: "GET /router/config", headers });
      return statusOf(head) === 200 ? head : undefined;
    },
  },
  {
    name: "the config changed by whatever method",
    guard: {
      file: "server/routes.ts",
      from: 'get("/api/ps"',
      to: 'post("/router/config", openaiClient, ({ res }) => void res.writeHead(200).end()),\n    get("/api/ps"',
    },
    async run({ router }) {
      for (const headers of [CLIENT, ADMIN])
        for (const method of METHODS) {
          const head = await askRaw(router.url, { line: `${method} /router/config`, headers });
          if (statusOf(head) < 400) return head;
        }
      return undefined;
    },
  },
]);
