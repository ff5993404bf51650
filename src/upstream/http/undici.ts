/// <reference path="./undici-parts.d.ts" />
import connect from "undici/lib/api/api-connect.js";
import buildConnector from "undici/lib/core/connect.js";
import Client from "undici/lib/dispatcher/client.js";

// As undici's own index.js does: without it a client cannot ask a proxy for a tunnel.
Object.assign(Client.prototype, { connect });

/** All of undici that requests to providers need: the whole of it, with `fetch`, caches and mocks, takes 40 ms of each start to load. */
export { buildConnector, Client };
