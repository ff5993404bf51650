import { createServer } from "node:http";

/** A collector that takes everything and looks at nothing. Prints its URL. */
const server = createServer((incoming, outgoing) => {
  incoming.resume();
  incoming.on("end", () => outgoing.end("{}"));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(`http://127.0.0.1:${address.port}`);
});
