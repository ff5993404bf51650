/**
 * `node:http`, which the sources take from here. Whoever imports it by `import` has Node read each of its exports, and one of them (`WebSocket`)
 * loads all that `fetch` is made of: 35 ms of each start.
 */
export const { Agent, createServer, get, IncomingMessage, request, ServerResponse, STATUS_CODES } =
  process.getBuiltinModule("node:http");
