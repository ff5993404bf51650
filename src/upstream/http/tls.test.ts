import { deepEqual, equal, match } from "node:assert/strict";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { describe, test } from "node:test";
import { createServer, getCACertificates, setDefaultCACertificates, type TlsOptions } from "node:tls";
import { EXPIRED, SELF_SIGNED, TEST_KEY } from "../../../test/support/certificates.ts";
import { Ear, providerAt, send } from "../../../test/support/ear.ts";
import { httpAnswer } from "../../../test/support/tcp-upstream.ts";
import { addressOf } from "../../../test/support/upstream/upstream.ts";
import { systemClock } from "../../core/clock.ts";
import { HttpClient } from "../client.ts";

/** A provider behind TLS, and what of requests got to it. */
async function tlsUpstream(t: { after(run: () => void): void }, options: TlsOptions) {
  const seen = { bytes: 0, port: 0, connections: 0 };
  const server = createServer({ key: TEST_KEY, ...options }, (socket) => {
    seen.connections++;
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      seen.bytes += data.length;
      socket.write(httpAnswer(200, "text/plain", "hello"));
    });
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  seen.port = addressOf(server.address()).port;
  return seen;
}

/** Every name is this machine's. */
function client(t: { after(run: () => Promise<void>): void }): HttpClient {
  const http = new HttpClient(systemClock, (_name, { all }, callback) => {
    if (all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
    else callback(null, "127.0.0.1", 4);
  });
  t.after(() => http.close());
  return http;
}

async function ask(http: HttpClient, origin: string): Promise<Ear> {
  const ear = new Ear();
  send(http, providerAt(origin, { connect_ms: 10_000 }), ear);
  await ear.over();
  return ear;
}

describe("a connection that would not be a safe one: nothing is sent", () => {
  for (const [name, options, code] of [
    ["self-signed", { cert: SELF_SIGNED }, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["expired", { cert: EXPIRED }, "CERT_HAS_EXPIRED"],
    [
      "an old version",
      { cert: SELF_SIGNED, maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "ALL@SECLEVEL=0" },
      /^ERR_SSL_|^EPROTO$/,
    ],
  ] as const) {
    test(name, async (t) => {
      const upstream = await tlsUpstream(t, options);
      const ear = await ask(client(t), `https://127.0.0.1:${upstream.port}`);
      deepEqual([ear.heard, upstream.bytes], [["failure tls"], 0]);
      match(ear.failure?.code ?? "", code instanceof RegExp ? code : new RegExp(`^${code}$`));
      match(ear.failure?.message ?? "", /^no secure connection: /);
    });
  }

  test("trusted, but for another name", async (t) => {
    trust(t, [SELF_SIGNED]);
    const upstream = await tlsUpstream(t, { cert: SELF_SIGNED });
    const ear = await ask(client(t), `https://other.test:${upstream.port}`);
    deepEqual([ear.heard, ear.failure?.code, upstream.bytes], [["failure tls"], "ERR_TLS_CERT_ALTNAME_INVALID", 0]);
  });

  test("no TLS at all", async (t) => {
    let text = "";
    const server = createTcpServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("data", (data) => {
        text += data.toString("latin1");
        socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => void server.close());
    const ear = await ask(client(t), `https://127.0.0.1:${addressOf(server.address()).port}`);
    deepEqual(ear.heard, ["failure tls"]);
    equal(text.includes("POST"), false);
  });
});

test("a provider that hangs up during the handshake cannot be connected to", async (t) => {
  const server = createTcpServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  const ear = await ask(client(t), `https://127.0.0.1:${addressOf(server.address()).port}`);
  deepEqual(ear.heard, ["failure connect"]);
});

test("a certificate that is trusted will do, and the connection serves the next call too", async (t) => {
  trust(t, [SELF_SIGNED]);
  const upstream = await tlsUpstream(t, { cert: SELF_SIGNED });
  const http = client(t);
  for (let time = 0; time < 5; time++) {
    const ear = await ask(http, `https://127.0.0.1:${upstream.port}`);
    deepEqual([ear.heard, ear.text], [["head 200", "end"], "hello"], JSON.stringify(ear.failure));
  }
  equal(upstream.connections, 1);
});

/** As `NODE_EXTRA_CA_CERTS` does for a process. */
function trust(t: { after(run: () => void): void }, certificates: string[]): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, ...certificates]);
  t.after(() => setDefaultCACertificates(before));
}
