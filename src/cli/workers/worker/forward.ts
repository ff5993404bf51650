import { RouterError } from "../../../core/errors.ts";
import { request } from "../../../core/node-http.ts";
import { type Endpoint, sendStream } from "../../../server/call.ts";

/**
 * Has the primary answer: whoever comes here has passed this process's guards, and passes the same ones there. The connection is
 * a socket in a folder that is the user's own.
 */
export function forwardTo(socketPath: string): Endpoint {
  return ({ req, res }) =>
    new Promise((resolve, reject) => {
      const { method, url, headers } = req;
      // One for each: a feed keeps its own, and nothing waits for another's.
      const asked = request({
        socketPath,
        method,
        path: url,
        headers: { ...headers, connection: "close" },
        agent: false,
      });
      asked.on("error", (error) => {
        if (res.headersSent) res.destroy();
        else if (!res.destroyed)
          reject(new RouterError("internal", `the router's own process does not answer: ${error.message}`));
        resolve();
      });
      asked.on("response", (answer) => {
        const { connection: _, "keep-alive": __, "transfer-encoding": ___, date: ____, ...passed } = answer.headers;
        const told = Object.entries(passed).flatMap(([name, value]) => [name, String(value)]);
        res.writeHead(answer.statusCode ?? 502, told);
        // A feed's head goes before its first event.
        res.flushHeaders();
        sendStream(res, answer).then(resolve, reject);
      });
      res.once("close", () => asked.destroy());
      // What is asked there is small.
      req.on("data", (chunk) => void asked.write(chunk)).on("end", () => asked.end());
    });
}
