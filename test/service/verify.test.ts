import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SERVICE, type ServiceSpec } from "../../src/cli/service/spec.ts";
import { unitText } from "../../src/cli/service/unit.ts";
import { scratch } from "../support/in-process.ts";

/** systemd's own word on the units: what it does not know, and what it cannot run. */
async function units(t: Parameters<typeof scratch>[0], name: string, runAs: string | undefined) {
  const folder = await scratch(t);
  const home = join(folder, name);
  mkdirSync(home);
  const node = join(home, "node");
  writeFileSync(node, "#!/bin/sh\n");
  chmodSync(node, 0o755);
  const spec: ServiceSpec = {
    node,
    program: join(home, "x.cjs"),
    config: join(home, "config.toml"),
    folder: home,
    writable: [join(home, "logs")],
    stopS: 75,
    port: 8090,
    base: "http://localhost:8090",
    runAs,
  };
  const file = join(folder, `${SERVICE}.service`);
  writeFileSync(file, unitText(spec));
  return { file, env: { PATH: process.env["PATH"], XDG_RUNTIME_DIR: folder, HOME: folder } };
}

for (const name of ["plain", "a b %h $HOME ü", `a b %h $HOME "q" 'p' ü`]) {
  for (const runAs of [undefined, "daemon"]) {
    test(`systemd-analyze verify: ${runAs === undefined ? "a user's unit" : "the machine's"}, in ${name}`, async (t) => {
      const { file, env } = await units(t, name, runAs);
      const scope = runAs === undefined ? ["--user"] : [];
      const ran = spawnSync("systemd-analyze", [...scope, "verify", "--man=no", file], { env, encoding: "utf8" });
      assert.equal(ran.error, undefined, "no systemd-analyze: install it (apt-get install systemd)");
      assert.deepEqual([ran.status, ran.stderr.trim()], [0, ""]);
    });
  }
}

test("systemd-analyze security: what is left open", async (t) => {
  const exposure = async (runAs: string | undefined) => {
    const { file, env } = await units(t, "plain", runAs);
    const out = execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", file], {
      env,
      encoding: "utf8",
    });
    return Number(/exposure level for .*: ([\d.]+)/.exec(out)?.[1]);
  };
  const [own, machine] = [await exposure(undefined), await exposure("daemon")];
  assert.ok(machine <= 2.5, `the machine's: ${machine}`);
  assert.ok(own <= 6.5, `a user's: ${own}`);
});
