import { otherThan, SPENDING, spends } from "./ask-raw.ts";
import { type Attack, attacks } from "./attacks.ts";

// A page makes its own name resolve to 127.0.0.1: to the browser the router is then the page's own origin, and everything may be
// read. Ollama (CVE-2024-28224) and the MCP SDKs (CVE-2025-66414) could be reached so. Only the name in `Host` tells.

const CONFIG = `[server]
port = 0
dashboard = true
[metrics]
enabled = true
${SPENDING}`;

const guard = { file: "server/page-guard.ts", from: "!this.#knows(hostName(host))", to: "false" };

const called = (...headers: string[]): Attack => ({
  name: headers.join(", "),
  guard,
  run: (field) => spends(field, { headers }),
});

const NAMES = [
  ...["evil.test", "evil.test:8090", "127.0.0.1.evil.test", "localhost.evil.test", "evil.localhost.test", "xlocalhost"],
  // What Ollama lets in.
  ...["evil.internal", "x.local"],
  // A known name, and more than that.
  ...[
    "[::1].evil.test",
    "[127.0.0.1]evil.test",
    "localhost:80:evil.test",
    "localhost@evil.test",
    "evil.test#localhost",
  ],
  ...["localhost/evil.test", "localhost.", "localhost,evil.test", "localhost evil.test"],
  // Addresses by which browsers reach this machine without knowing it for such.
  ...["0.0.0.0", "0", "2130706433", "127.1", "[::]", "[::ffff:7f00:1]"],
];

attacks("S6: a name that was made to resolve to this machine", { config: CONFIG }, [
  ...NAMES.map((name) => called(`host: ${name}`)),
  called("host:"),
  called("host: localhost", "host: evil.test"),
  called("host: evil.test", "host: localhost"),
  ...["evil.test", "localhost.evil.test", ""].map((name) => ({
    name: `every route there is, by '${name}'`,
    guard,
    run: (field: Parameters<Attack["run"]>[0]) => otherThan(403, field, [`host: ${name}`]),
  })),
  {
    name: "a target that names another host than Host does",
    guard: [
      { file: "server/limits.ts", from: "req.url?.charCodeAt(0) !== 0x2f", to: "false" },
      {
        file: "server/listener.ts",
        from: 'const target = req.url ?? "/";',
        to: 'const target = (req.url ?? "/").replace("http://evil.test", "");',
      },
    ],
    run: (field) => spends(field, { line: "POST http://evil.test/v1/chat/completions", headers: ["host: localhost"] }),
  },
]);
