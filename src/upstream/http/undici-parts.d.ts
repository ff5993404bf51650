// The files of undici that undici.ts imports by themselves, which have no types of their own.
declare module "undici/lib/core/connect.js" {
  import { buildConnector } from "undici";
  export default buildConnector;
}
declare module "undici/lib/dispatcher/client.js" {
  import { Client } from "undici";
  export default Client;
}
declare module "undici/lib/api/api-connect.js" {
  import type { Client } from "undici";

  const connect: Client["connect"];
  export default connect;
}
