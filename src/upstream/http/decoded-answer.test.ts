import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import {
  brotliCompressSync,
  constants,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { Ear, providerAt, send } from "../../../test/support/ear.ts";
import { tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";
import { systemClock } from "../../core/clock.ts";
import { HttpClient } from "../client.ts";
import type { UpstreamCall } from "../transport.ts";

const TEXT = Array.from({ length: 500 }, (_, at) => createHash("sha256").update(String(at)).digest("hex")).join("\n");
const WAYS: [encoding: string, compress: (text: Buffer) => Buffer][] = [
  ["gzip", gzipSync],
  ["x-gzip", gzipSync],
  ["GZIP", gzipSync],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
];

/** The answer has the length its head says: cut and damaged bodies look whole to HTTP. */
function answer(encoding: string, body: Buffer): (socket: Socket) => void {
  return (socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\nx-a: b\r\n\r\n`,
    );
    socket.write(body);
  };
}

function client(t: { after(run: () => Promise<void>): void }): HttpClient {
  const http = new HttpClient(systemClock);
  t.after(() => http.close());
  return http;
}

async function heard(t: Parameters<typeof client>[0], script: (socket: Socket) => void, ear = new Ear()) {
  const upstream = await tcpUpstream(t, script);
  send(client(t), providerAt(upstream.origin), ear);
  await ear.over();
  return { upstream, ear };
}

/** Keeps all of it, whatever its size. */
class Hash extends Ear {
  readonly hash = createHash("sha256");
  override onData(data: Buffer): boolean {
    this.hash.update(data);
    return super.onData(data);
  }
}

describe("an answer that is compressed though nobody asked for it", () => {
  for (const [encoding, compress] of WAYS) {
    test(`${encoding} (${compress.name}) is read`, async (t) => {
      const { ear } = await heard(t, answer(encoding, compress(Buffer.from(TEXT))), new Hash());
      deepEqual(ear.heard, ["head 200", "end"], JSON.stringify(ear.failure));
      equal(ear.bytes, TEXT.length);
      ok(ear instanceof Hash);
      equal(ear.hash.digest("hex"), createHash("sha256").update(TEXT).digest("hex"));
      // What they say is no longer true.
      deepEqual(
        [ear.headers["content-encoding"], ear.headers["content-length"], ear.headers["x-a"]],
        [undefined, undefined, "b"],
      );
    });

    test(`${encoding} (${compress.name}) that breaks off inside its length is cut`, async (t) => {
      const whole = compress(Buffer.from(TEXT));
      const { ear, upstream } = await heard(t, answer(encoding, whole.subarray(0, whole.length - 5)));
      deepEqual(ear.heard, ["head 200", "failure cut"]);
      match(ear.failure?.message ?? "", /breaks off/);
      ok(upstream.open <= 1);
    });

    test(`${encoding} (${compress.name}) that is damaged is malformed`, async (t) => {
      const body = compress(Buffer.from(TEXT));
      body.fill(0xff, 12, 60);
      const { ear, upstream } = await heard(t, answer(encoding, body));
      deepEqual(ear.heard, ["head 200", "failure malformed"]);
      ok(upstream.open <= 1);
    });
  }

  test("identity and an empty body are nothing to decompress", async (t) => {
    const plain = await heard(t, answer("identity", Buffer.from("hello")));
    deepEqual([plain.ear.heard, plain.ear.text], [["head 200", "end"], "hello"]);
    const empty = await heard(t, answer("gzip", Buffer.alloc(0)));
    deepEqual(empty.ear.heard, ["head 200", "end"]);
  });

  for (const encoding of ["gzip, gzip", "gzip, br", "compress", "aes128gcm", Array(200).fill("gzip").join(", ")]) {
    test(`${encoding.slice(0, 30)} is refused, and the connection closed`, async (t) => {
      const { ear, upstream } = await heard(t, answer(encoding, gzipSync(gzipSync("hello"))));
      deepEqual(ear.heard, ["failure malformed"]);
      match(ear.failure?.message ?? "", /content-encoding/);
      await until(() => upstream.open === 0, "the connection to close");
    });
  }

  test("two headers are two layers", async (t) => {
    const { ear } = await heard(t, (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n`),
    );
    deepEqual(ear.heard, ["failure malformed"]);
  });

  for (const [name, compress] of Object.entries<(bytes: Buffer) => Buffer>({
    gzip: gzipSync,
    br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    zstd: zstdCompressSync,
  })) {
    test(`a bomb (${name}) is given up before it fills the memory`, async (t) => {
      const bomb = compress(Buffer.alloc(256 * 1024 * 1024));
      const { ear } = await heard(t, answer(name, bomb));
      deepEqual(ear.heard, ["head 200", "failure malformed"]);
      ok(ear.bytes < 32 * 1024 * 1024, `${ear.bytes} bytes of ${bomb.length}`);
    });
  }

  test("a stream comes piece by piece", async (t) => {
    let written = 0;
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n",
      );
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
      gzip.pipe(socket);
      const write = () => {
        if (++written > 5) return void gzip.end();
        gzip.write(`piece ${written};`);
        setTimeout(write, 50);
      };
      write();
    });
    const seen: string[] = [];
    const ear = new (class extends Ear {
      override onData(data: Buffer): boolean {
        seen.push(`${written} ${data.toString()}`);
        return super.onData(data);
      }
    })();
    send(client(t), providerAt(upstream.origin), ear);
    await ear.over();
    equal(ear.text, "piece 1;piece 2;piece 3;piece 4;piece 5;");
    deepEqual(seen[0], "1 piece 1;");
    ok(seen.length >= 4, seen.join());
  });

  test("who does not read makes the provider wait, and loses nothing", async (t) => {
    const bytes = Buffer.from(randomBytes(8 * 1024 * 1024).toString("hex"));
    const body = gzipSync(bytes, { level: 1 });
    let sent = false;
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.write(body, () => {
        sent = true;
      });
    });
    const ear = new Hash();
    const call = send(client(t), providerAt(upstream.origin, { idle_ms: 100 }), ear);
    call.pause();
    await until(() => ear.status === 200, "the head");
    await new Promise((resolve) => setTimeout(resolve, 400));
    ok(ear.bytes <= 256 * 1024, `${ear.bytes} bytes came though paused`);
    ok(!sent, "the provider was never made to wait");
    for (let time = 0; time < 20; time++) {
      call.resume();
      await new Promise((resolve) => setImmediate(resolve));
      call.pause();
      await new Promise((resolve) => setImmediate(resolve));
    }
    call.resume();
    await ear.over();
    deepEqual(ear.heard, ["head 200", "end"], JSON.stringify(ear.failure));
    equal(ear.hash.digest("hex"), createHash("sha256").update(bytes).digest("hex"));
  });

  test("after abort nothing more is said, though it was all there", async (t) => {
    const body = gzipSync(Buffer.from(TEXT.repeat(100)));
    const upstream = await tcpUpstream(t, answer("gzip", body));
    const http = client(t);
    let call: UpstreamCall | undefined;
    const ear = new (class extends Ear {
      override onData(data: Buffer): boolean {
        call?.abort();
        return super.onData(data);
      }
    })();
    call = send(http, providerAt(upstream.origin), ear);
    await until(() => ear.bytes > 0, "the first piece");
    const { bytes } = ear;
    await new Promise((resolve) => setTimeout(resolve, 50));
    deepEqual([ear.heard, ear.bytes], [["head 200"], bytes]);
    const next = new Ear();
    send(http, providerAt(upstream.origin), next);
    await next.over();
    deepEqual(next.heard, ["head 200", "end"]);
  });
});
