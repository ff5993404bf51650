import { match } from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { addressOf } from "../../../../test/support/upstream/upstream.ts";
import { findRouter } from "./find-router.ts";

test("what sends without an end is no router, and is not read to its end", { timeout: 4_000 }, async (t) => {
  const server = createServer((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write("ok".repeat(10_000)));
    };
    response.on("drain", more);
    more();
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const found = await findRouter(`http://127.0.0.1:${addressOf(server.address()).port}`);
  match(JSON.stringify(found), /"other".*not as a router does/);
});
