import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback } from "../core/loopback.ts";
import { clientUrl } from "./address.ts";

test("which addresses only this machine can reach", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1", "::ffff:127.0.0.1"])
    assert.ok(isLoopback(host), host);
  for (const host of ["0.0.0.0", "::", "192.168.0.2", "127.0.0.1.example.org", "fe80::1"])
    assert.ok(!isLoopback(host), host);
});

test("what a client on this machine is told", () => {
  assert.equal(clientUrl("http://127.0.0.1:8090"), "http://localhost:8090");
  assert.equal(clientUrl("http://0.0.0.0:8090"), "http://localhost:8090");
  assert.equal(clientUrl("http://[::]:8090/"), "http://localhost:8090");
  assert.equal(clientUrl("http://[::1]:8090"), "http://[::1]:8090");
  assert.equal(clientUrl("http://10.0.0.2:1"), "http://10.0.0.2:1");
});
