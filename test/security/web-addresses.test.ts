import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type LookupFunction, type Server } from "node:net";
import { test } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import type { HttpTool } from "../../src/core/stage-tools.ts";
import { pageText } from "../../src/plugins/web/pages/pages.ts";
import { WebClient } from "../../src/upstream/web/web-client.ts";
import { exchange } from "../support/exchange.ts";
import { type Cleanup, inProcess, oneProvider } from "../support/in-process.ts";
import { startSearchBackend } from "../support/search-backend.ts";
import { startUpstream } from "../support/upstream/upstream.ts";

// Pages are fetched from addresses that strangers chose: none of them leads into this machine or a private network, however it is
// written (reliability.md S2).

/** `PORT` is where something listens that must not be reached. */
const ADDRESSES = [
  // This machine, by every way of writing its number.
  ...[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
  ],
  ...["017700000001", "127.0.0.1.", "127.127.127.127", "127.255.255.254", "0.0.0.0", "0", "0x0", "00.00"],
  ...["１２７.０.０.１", "127。0。0。1", "127%2e0%2e0%2e1", "①②⑦.⓪.⓪.①"],
  // The same in IPv6, and IPv4 inside of it.
  ...["[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]"],
  ...["[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]"],
  ...["[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]"],
  // By name.
  ...["localhost", "LOCALHOST", "localhost.", "loc%61lhost", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ"],
  // Other people's networks, and what clouds tell their machines.
  ...["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe"],
  ...["100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
  // With somebody before the @.
  ...["user@127.0.0.1", "user:pass@127.0.0.1", "example.com@127.0.0.1", "example.com%40x@localhost"],
].map((host) => `http://${host}:PORT/`);
const ODD = [
  ...["http:///127.0.0.1:PORT/", "http:127.0.0.1:PORT/", "http:\\\\127.0.0.1:PORT\\", "HTTP://127.0.0.1:PORT/"],
  ...["http://127.0\t.0.1:PORT/", " http://127.0.0.1:PORT/", "https://127.0.0.1:PORT/", "//127.0.0.1:PORT/"],
  ...[
    "file:///etc/passwd",
    "ftp://127.0.0.1:PORT/",
    "gopher://127.0.0.1:PORT/_x",
    "data:text/plain,x",
    "unix:/run/x.sock",
  ],
];

/** Counts whoever connects to this machine. */
async function trap(t: Cleanup): Promise<{ port: number; reached(): number }> {
  let reached = 0;
  const server: Server = createServer((socket) => {
    reached++;
    socket
      .on("error", () => undefined)
      .end("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nsecret");
  });
  // Both families, where the machine has both.
  const dual = once(server.listen(0, "::"), "listening").catch(() => once(server.listen(0, "127.0.0.1"), "listening"));
  await dual;
  t.after(async () => {
    server.close();
  });
  const address = server.address();
  ok(typeof address === "object" && address);
  return { port: address.port, reached: () => reached };
}

test(`${ADDRESSES.length + ODD.length} addresses a search returns: none is connected to`, async (t) => {
  const [{ port, reached }, backend, upstream] = await Promise.all([
    trap(t),
    startSearchBackend(t),
    startUpstream("openai"),
  ]);
  t.after(() => upstream.close());
  const plugin = `[plugins.web]\nenabled = true\nbackend = "searxng"\nbase_url = "${backend.url}"\nfetch_pages = 10\nmax_results = 10`;
  const router = await inProcess(t, `${oneProvider("openai", upstream.url)}\n\n${plugin}`);
  const urls = [...ADDRESSES, ...ODD].map((url, at) => `${url.replace("PORT", String(port))}${at}`);
  for (let from = 0; from < urls.length; from += 10) {
    backend.answer(urls.slice(from, from + 10).map((url) => ({ url, title: "t", text: "quote" })));
    const body = JSON.stringify({
      model: "m",
      plugins: [{ id: "web" }],
      messages: [{ role: "user", content: `${from}?` }],
    });
    equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
    ok(!upstream.last().raw.includes("secret"));
  }
  equal(reached(), 0);
  // They were tried, and refused for what they are.
  const warnings = JSON.stringify(router.completes().map(({ warnings }) => warnings));
  ok((warnings.match(/not asked/g) ?? []).length > 40, warnings);
  // The trap does catch who comes.
  await fetch(`http://127.0.0.1:${port}/`);
  equal(reached(), 1);
});

test("names and redirects that lead inwards, at the first time of asking or later", async (t) => {
  const { port, reached } = await trap(t);
  const inward = [{ address: "127.0.0.1", family: 4 }];
  const asked: string[] = [];
  const lookups: Record<string, { address: string; family: number }[]> = {
    "inward.example": inward,
    "mapped.example": [{ address: "::ffff:127.0.0.1", family: 6 }],
    "mixed.example": [{ address: "93.184.216.34", family: 4 }, ...inward],
    "mixed6.example": [
      { address: "2606:4700::1111", family: 6 },
      { address: "::1", family: 6 },
    ],
    "nothing.example": [],
  };
  const lookup: LookupFunction = (name, _options, callback) => {
    asked.push(name);
    callback(null, lookups[name] ?? inward);
  };
  const client = new WebClient(systemClock, lookup);
  t.after(() => client.close());
  const http: HttpTool = { fetch: (request) => client.fetch(request, new AbortController().signal) };
  for (const name of Object.keys(lookups)) {
    // Asked for once for each connection: there is no second answer that could differ from the one looked at.
    for (const _time of [1, 2]) await rejects(pageText(`http://${name}:${port}/`, http), /not asked/, name);
  }
  deepEqual(
    asked,
    Object.keys(lookups).flatMap((name) => [name, name]),
  );
  // A page that sends on: the next address is looked at like the first.
  for (const to of [`http://127.1:${port}/`, `//[::1]:${port}/`, `http://inward.example:${port}/`]) {
    const sendsOn: HttpTool = {
      fetch: (request) =>
        request.url === "https://public.example/"
          ? Promise.resolve({
              status: 302,
              headers: { location: to.replace(/^\/\//, "http://") },
              text: "",
              json: () => null,
            })
          : http.fetch(request),
    };
    const error = await pageText("https://public.example/", sendsOn).catch((cause: unknown) => cause);
    match(String(error), /not asked/);
  }
  equal(reached(), 0);
});
