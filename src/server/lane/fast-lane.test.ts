import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, type TestContext, test } from "node:test";
import { post, type RawClient, rawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import { addressOf } from "../../../test/support/upstream/upstream.ts";
import type { ClientRequest, ClientResponse } from "../../core/client-call.ts";
import { FastLane } from "./fast-lane.ts";

type Handler = (req: ClientRequest, res: ClientResponse) => void;

interface Place {
  lane: FastLane;
  client(text?: string): Promise<RawClient>;
}

/** A server whose answers say who has read the request. */
async function place(t: TestContext, handle: Handler, keepAliveTimeout = 75_000): Promise<Place> {
  const server = createServer({ keepAliveTimeout, maxHeaderSize: 4_096 }, (req, res) => {
    req.resume();
    res.end(`node:http read ${req.method} ${req.url}`);
  });
  const lane = new FastLane(server, handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const clients: RawClient[] = [];
  t.after(() => {
    for (const { socket } of clients) socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${addressOf(server.address()).port}`;
  return {
    lane,
    async client(text) {
      const made = await rawClient(url, text);
      clients.push(made);
      return made;
    },
  };
}

function send(res: ClientResponse, text: string): void {
  res.writeHead(200, ["content-length", String(Buffer.byteLength(text))]);
  res.end(text);
}

/** Answers with what it was sent. */
const echo: Handler = (req, res) => {
  let body = "";
  req.on("data", (chunk) => {
    body += chunk.toString("latin1");
  });
  req.on("end", () => send(res, `lane read ${req.url} ${body}`));
};

describe("the lane", () => {
  test("reads a request however it is cut", async (t) => {
    const { client } = await place(t, echo);
    const text = post("/a", "abcdef");
    const body = text.indexOf("abcdef");
    for (const at of [body, body + 1, body + 5]) {
      const { socket, hears, heard } = await client(text.slice(0, at));
      await new Promise((resolve) => setTimeout(resolve, 20));
      equal(heard(), "");
      socket.write(text.slice(at));
      await hears("lane read /a abcdef");
    }
  });

  test("a head that comes in pieces is node:http's, and so is its connection from then on", async (t) => {
    const { client } = await place(t, echo);
    const text = post("/a", "abc");
    const { socket, hears } = await client(text.slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(text.slice(20));
    await hears("node:http read POST /a");
    socket.write(post("/b", "abc"));
    await hears("node:http read POST /b");
  });

  test("requests one behind the other are answered in turn, and what is not plain goes to node:http", async (t) => {
    const { client } = await place(t, echo);
    const all = [post("/1", "one"), post("/2", ""), post("/3", "three"), "GET /4 HTTP/1.1\r\nhost: a\r\n\r\n"];
    const { hears } = await client(all.join(""));
    const heard = await hears("node:http read GET /4");
    deepEqual(heard.match(/(?:lane|node:http) read .*?(?=HTTP|$)/g), [
      "lane read /1 one",
      "lane read /2 ",
      "lane read /3 three",
      "node:http read GET /4",
    ]);
  });

  test("thousands of them in one piece fill no stack", async (t) => {
    const { client } = await place(t, (_, res) => send(res, "x"));
    const { hears, heard } = await client(`${post("/a", "ab").repeat(3_000)}GET /last HTTP/1.1\r\nhost: a\r\n\r\n`);
    await hears("/last");
    equal(heard().match(/HTTP\/1\.1 200/g)?.length, 3_001);
  });

  test("an answer before the body came: what comes of it is let go, and the next request is read", async (t) => {
    const { client } = await place(t, (req, res) => (req.url === "/early" ? send(res, "early") : echo(req, res)));
    const text = post("/early", "x".repeat(1_000_000));
    const { socket, hears } = await client(text.slice(0, 500));
    await hears("early");
    socket.write(text.slice(500) + post("/next", "abc"));
    await hears("lane read /next abc");
  });

  test("a body nobody takes yet makes its client wait, and is whole when somebody does", async (t) => {
    let take: (() => void) | undefined;
    const { client } = await place(t, (req, res) => {
      take = () => echo(req, res);
    });
    const body = "y".repeat(8_000_000);
    const { socket, hears } = await client(post("/a", body));
    await until(() => take !== undefined, "the request to come");
    await until(() => socket.writableLength > 0, "the client to wait");
    take?.();
    match(await hears(/y$/), /lane read \/a y+$/);
    await until(() => socket.writableLength === 0, "all to be read");
  });

  test("chunks, trailers and headers stand as node:http would write them", async (t) => {
    const { client } = await place(t, (_, res) => {
      res.setHeader("x-set", "1");
      res.writeHead(200, ["content-type", "text/plain", "trailer", "x-last"]);
      ok(res.write("añ"));
      ok(res.write(Buffer.from("é")));
      ok(res.write("\xe9", "latin1"));
      res.addTrailers([["x-last", "2"]]);
      res.end(Buffer.alloc(20_000, "z"));
    });
    const { hears } = await client(post("/a", "{}"));
    const heard = await hears(/0\r\nx-last: 2\r\n\r\n$/);
    const [head = "", body = ""] = heard.split("\r\n\r\n", 2);
    const date = /Date: (.*)/.exec(head)?.[1] ?? "";
    ok(Math.abs(Date.parse(date) - Date.now()) < 5_000, date);
    deepEqual(head.replace(date, "now").split("\r\n"), [
      "HTTP/1.1 200 OK",
      "x-set: 1",
      "content-type: text/plain",
      "trailer: x-last",
      "Date: now",
      "Connection: keep-alive",
      "Keep-Alive: timeout=75",
      "Transfer-Encoding: chunked",
    ]);
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    equal(body, `${chunk("a\xc3\xb1")}${chunk("\xc3\xa9")}${chunk("\xe9")}${chunk("z".repeat(20_000))}0\r\nx-last: 2`);
  });

  test("what would break the head of an answer is thrown back", async (t) => {
    const errors: unknown[] = [];
    const { client } = await place(t, (_, res) => {
      for (const [name, value] of [
        ["x-a", "1\r\nx-b: 2"],
        ["x a", "1"],
        ["x-a", "\0"],
        ["", "1"],
      ] as const)
        try {
          res.writeHead(200, [name, value]);
        } catch (error) {
          errors.push(error);
        }
      send(res, "well");
    });
    const { hears } = await client(post("/a", "{}"));
    ok(!(await hears("well")).includes("x-b"));
    equal(errors.length, 4);
  });

  test("a client that does not read makes the writer wait, and is told of when it does", async (t) => {
    let drained = 0;
    const { client } = await place(t, (_, res) => {
      res.writeHead(200, ["content-type", "text/plain"]);
      const fill = () => {
        while (drained < 3)
          if (!res.write("x".repeat(1_000_000))) {
            equal(res.writableNeedDrain, true);
            return void res.once("drain", () => {
              drained++;
              fill();
            });
          }
        res.end("over");
      };
      fill();
    });
    const { socket, hears } = await client();
    socket.pause();
    socket.write(post("/a", "{}"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    equal(drained, 0);
    socket.resume();
    await hears("over");
    equal(drained, 3);
  });

  test("a client that leaves is told of: in its body, and while it waits for the answer", async (t) => {
    const said: string[] = [];
    const { client } = await place(t, (req, res) => {
      req.on("data", () => undefined);
      req.on("error", () => said.push(`${req.url}: body`));
      res.once("close", () => said.push(`${req.url}: ${res.writableFinished}`));
      req.on("end", () => said.push(`${req.url}: end`));
    });
    const whole = post("/whole", "abc");
    const first = await client(post("/half", "abc").slice(0, -1));
    const second = await client(whole);
    await until(() => said.length === 1, "the second one to be read");
    first.socket.destroy();
    second.socket.end();
    await until(() => said.length === 4, "both to be gone");
    deepEqual(said.toSorted(), ["/half: body", "/half: false", "/whole: end", "/whole: false"]);
  });

  test("a connection that is used no more is closed, one with a request under way is not", async (t) => {
    let answer: (() => void) | undefined;
    const { client, lane } = await place(
      t,
      (req, res) => {
        answer = () => send(res, "late");
        if (req.url === "/now") answer();
      },
      1_000,
    );
    const idle = await client(post("/now", "{}"));
    const busy = await client();
    await idle.hears("late");
    match(idle.heard(), /Keep-Alive: timeout=1\r\n/);
    busy.socket.write(post("/later", "{}"));
    await idle.ended();
    equal(busy.closed(), false);
    lane.closeIdle();
    answer?.();
    await busy.hears("late");
    lane.closeIdle();
    await busy.ended();
  });
});
