import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { isNearby, timeoutsOf } from "./timeouts.ts";

const NEARBY =
  "localhost 127.0.0.1 127.9.9.9 [::1] [::ffff:127.0.0.1] 10.1.2.3 172.16.0.1 172.31.255.1 192.168.1.20 169.254.1.1 100.64.0.1 100.127.1.1 [fd12::1] [fc00::1] [fe80::1] ollama gpu-box box.local my.lan host.docker.internal nas.home.arpa LOCALHOST";
const ELSEWHERE =
  "api.openai.com 8.8.8.8 172.15.0.1 172.32.0.1 192.169.0.1 11.0.0.1 100.63.0.1 100.128.0.1 169.253.0.1 [2001:db8::1] [ff02::1] internal.example.com localhost.example.com 10.0.0.1.example.com";

test("what is nearby", () => {
  for (const host of NEARBY.split(" ")) equal(isNearby(host), true, host);
  for (const host of ELSEWHERE.split(" ")) equal(isNearby(host), false, host);
});

test("what is configured counts, 0 included; the rest depends on where the provider is", () => {
  const nearby = { connect_ms: 5_000, first_byte_ms: 900_000, idle_ms: 600_000, total_ms: 3_600_000 };
  const elsewhere = { connect_ms: 10_000, first_byte_ms: 300_000, idle_ms: 300_000, total_ms: 1_800_000 };
  deepEqual(timeoutsOf({}, true), nearby);
  deepEqual(timeoutsOf({}, false), elsewhere);
  deepEqual(timeoutsOf({ idle_ms: 0, total_ms: 7 }, true), { ...nearby, idle_ms: 0, total_ms: 7 });
});
