import { deepEqual, equal, ok } from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { Ear, providerAt, send } from "../../../test/support/ear.ts";
import { chunkedHead, httpAnswer, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";
import { systemClock } from "../../core/clock.ts";
import { HttpClient } from "../client.ts";

const HELLO = httpAnswer(200, "text/plain", "hello");

function client(t: { after(run: () => Promise<void>): void }): HttpClient {
  const http = new HttpClient(systemClock);
  t.after(() => http.close());
  return http;
}

async function ask(http: HttpClient, origin: string): Promise<Ear> {
  const ear = new Ear();
  send(http, providerAt(origin), ear);
  await ear.over();
  return ear;
}

/** Answers requests that come on a connection for the first time; others get what the script does. */
function second(script: (socket: Socket) => void): (socket: Socket) => void {
  const known = new WeakSet<Socket>();
  return (socket) => {
    if (known.has(socket)) return script(socket);
    known.add(socket);
    socket.write(HELLO);
  };
}

describe("a kept connection that is closed as it is used", () => {
  for (const [name, close] of Object.entries<(socket: Socket) => void>({
    closed: (socket) => socket.end(),
    broken: (socket) => socket.destroy(),
    reset: (socket) => socket.resetAndDestroy(),
  })) {
    test(`${name}: the request goes once more, on a new one`, async (t) => {
      const upstream = await tcpUpstream(t, second(close));
      const http = client(t);
      await ask(http, upstream.origin);
      const ear = await ask(http, upstream.origin);
      deepEqual([ear.heard, ear.text], [["head 200", "end"], "hello"]);
      deepEqual([upstream.requests.length, upstream.accepted], [3, 2]);
      deepEqual(upstream.requests[2]?.body.toString(), "{}");
    });
  }

  test("a new connection that is closed is a failure", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.destroy());
    const http = client(t);
    const ear = await ask(http, upstream.origin);
    deepEqual([ear.heard, upstream.requests.length], [["failure cut"], 1]);
  });

  test("so is one that is closed after a part of the answer, be it half a head", async (t) => {
    for (const part of ["HTTP/1.1 2", chunkedHead("text/plain"), "HTTP/1.1 103 Early Hints\r\n\r\n"]) {
      const upstream = await tcpUpstream(
        t,
        second((socket) => socket.end(part)),
      );
      const http = client(t);
      await ask(http, upstream.origin);
      const ear = await ask(http, upstream.origin);
      deepEqual([ear.heard.at(-1), upstream.requests.length], ["failure cut", 2], part);
    }
  });

  test("once, not twice", async (t) => {
    let asked = 0;
    const upstream = await tcpUpstream(t, (socket) => (++asked === 1 ? socket.write(HELLO) : socket.destroy()));
    const http = client(t);
    await ask(http, upstream.origin);
    const ear = await ask(http, upstream.origin);
    deepEqual([ear.heard, upstream.requests.length], [["failure cut"], 3]);
  });

  test("and those that were kept beside it are not tried first", async (t) => {
    let gone = false;
    const upstream = await tcpUpstream(t, (socket) => {
      if (gone) socket.destroy();
      else setTimeout(() => socket.write(HELLO), 20);
    });
    const http = client(t);
    await Promise.all(Array.from({ length: 5 }, () => ask(http, upstream.origin)));
    gone = true;
    const ears = [await ask(http, upstream.origin), await ask(http, upstream.origin)];
    deepEqual(
      ears.map(({ heard }) => heard),
      [["failure cut"], ["failure cut"]],
    );
    equal(upstream.requests.length, 5 + 2 + 1);
  });

  test("no answer is lost when the provider closes after each of 600 at any moment", async (t) => {
    let serial = 0;
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(HELLO);
      const turn = serial++ % 6;
      if (turn === 0) socket.end();
      else if (turn === 1) setImmediate(() => socket.end());
      else if (turn < 5) setTimeout(() => socket.end(), turn - 2);
    });
    const http = client(t);
    const worker = async (): Promise<void> => {
      for (let time = 0; time < 100; time++) {
        const ear = new Ear();
        send(http, providerAt(upstream.origin), ear);
        while (!ear.isOver) await new Promise((resolve) => setImmediate(resolve));
        deepEqual([ear.heard, ear.text], [["head 200", "end"], "hello"], JSON.stringify(ear.failure));
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    ok(upstream.accepted > 100, `${upstream.accepted} connections`);
  });
});

describe("bytes behind an answer", () => {
  for (const [name, extra] of Object.entries({
    "a second answer": httpAnswer(200, "text/plain", "of somebody else"),
    "bytes that are no HTTP": "whatever this is\r\n\r\n",
    "half a head": "HTTP/1.1 200 OK\r\nx-of: somebody else\r\n",
  })) {
    for (const later of [false, true]) {
      test(`${name}, ${later ? "later" : "at once"}: nobody gets them`, async (t) => {
        const upstream = await tcpUpstream(t, (socket) => {
          if (later) {
            socket.write(HELLO);
            setTimeout(() => socket.write(extra), 20);
          } else socket.write(HELLO + extra);
        });
        const http = client(t);
        for (let time = 1; time <= 3; time++) {
          const ear = await ask(http, upstream.origin);
          deepEqual([ear.heard, ear.text], [["head 200", "end"], "hello"], JSON.stringify(ear.failure));
          await until(() => upstream.open === 0, "the connection to close");
          equal(upstream.accepted, time);
        }
      });
    }
  }

  test("nobody gets them who asks in the same moment either", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.write(`${HELLO}whatever this is\r\n\r\n`));
    const http = client(t);
    const next = new Ear();
    const first = new (class extends Ear {
      override onEnd(): void {
        super.onEnd();
        send(http, providerAt(upstream.origin), next);
      }
    })();
    send(http, providerAt(upstream.origin), first);
    await next.over();
    deepEqual([first.heard, next.heard, next.text], [["head 200", "end"], ["head 200", "end"], "hello"]);
    equal(upstream.accepted, 2);
  });
});

describe("what came just before a kept connection is used", () => {
  for (const [name, happens] of Object.entries<(socket: Socket) => void>({
    "bytes that are no HTTP": (socket) => socket.write("whatever this is\r\n\r\n"),
    "an answer nobody asked for": (socket) => socket.write(httpAnswer(200, "text/plain", "of somebody else")),
    "its end": (socket) => socket.end(),
    "a reset": (socket) => socket.resetAndDestroy(),
  })) {
    test(`${name}: the request goes over another`, async (t) => {
      const sockets: Socket[] = [];
      const upstream = await tcpUpstream(t, (socket) => {
        sockets.push(socket);
        socket.write(HELLO);
      });
      const http = client(t);
      await ask(http, upstream.origin);
      const [kept] = sockets;
      ok(kept);
      happens(kept);
      const ear = await ask(http, upstream.origin);
      deepEqual([ear.heard, ear.text], [["head 200", "end"], "hello"], JSON.stringify(ear.failure));
      deepEqual([upstream.requests.length, upstream.accepted], [2, 2]);
    });
  }
});

describe("an answer before the request is sent", () => {
  const LARGE = Buffer.alloc(32 * 1024 * 1024, "x");

  for (const keeps of [true, false]) {
    test(`is passed on, and the connection closed, ${keeps ? "though the provider would keep it" : "as the provider wants"}`, async (t) => {
      const refusal = httpAnswer(413, "text/plain", "too large", keeps ? [] : ["connection: close"]);
      let calls = 0;
      const upstream = await tcpUpstream(t, (socket) => socket.write(HELLO));
      upstream.onConnection = (socket) => {
        calls++;
        if (calls > 1) return;
        socket.pause();
        socket.write(refusal);
      };
      const http = client(t);
      const ear = new Ear();
      http.send(providerAt(upstream.origin), { method: "POST", path: "/chat", headers: {}, body: LARGE }, ear);
      await ear.over();
      deepEqual([ear.heard, ear.text], [["head 413", "end"], "too large"], JSON.stringify(ear.failure));
      const next = await ask(http, upstream.origin);
      deepEqual([next.heard, upstream.accepted], [["head 200", "end"], 2]);
    });
  }
});
