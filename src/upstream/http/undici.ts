import buildConnector from "undici/lib/core/connect.js";
import Client from "undici/lib/dispatcher/client.js";

/** All of undici that requests to providers need: the whole of it, with `fetch`, caches and mocks, takes 40 ms of each start to load. */
export { buildConnector, Client };
