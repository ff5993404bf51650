import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildTui } from "../../scripts/build-tui.ts";
import { scratch } from "../support/in-process.ts";
import { startRouter } from "../support/router.ts";
import { until } from "../support/until.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const FLEET = `[server]
port = 0
dashboard = true
[[providers]]
name = "here"
format = "simulated"
[[routers]]
type = "fallback"
`;

before(buildTui);

/** A terminal of tmux, with a shell in it that waits for commands. */
class Tmux {
  readonly #name: string;
  readonly #folder: string;

  constructor(t: TestContext, folder: string, columns: number, rows: number) {
    this.#name = `router-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
    this.#folder = folder;
    t.after(() => void spawnSync("tmux", ["-L", this.#name, "kill-server"]));
    const env = `PATH=${dirname(process.execPath)}:/usr/bin:/bin HOME=${folder} TERM=tmux-256color LANG=C.UTF-8 PS1=ready`;
    this.#tmux("-f", "/dev/null", "new-session", "-d", "-x", String(columns), "-y", String(rows), `env -i ${env} sh`);
  }

  #tmux(...args: string[]): string {
    return execFileSync("tmux", ["-L", this.#name, ...args], { encoding: "utf8", cwd: this.#folder });
  }

  /** As tmux names them: `Enter`, `C-c`; other words are typed. */
  press(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  run(command: string): void {
    this.#tmux("send-keys", "-l", command);
    this.press("Enter");
  }

  get screen(): string {
    return this.#tmux("capture-pane", "-p");
  }

  /** `1`: of full-screen programs. */
  get isAlternate(): boolean {
    return this.#tmux("display-message", "-p", "#{alternate_on}").trim() === "1";
  }

  get isCursorShown(): boolean {
    return this.#tmux("display-message", "-p", "#{cursor_flag}").trim() === "1";
  }

  async sees(what: RegExp | string): Promise<void> {
    const isThere = () => (typeof what === "string" ? this.screen.includes(what) : what.test(this.screen));
    await until(isThere, `${what} on the screen`, 30_000).catch((error: unknown) => {
      throw new Error(`${error}\n${this.screen}`);
    });
  }

  /** The screen that was there before, with a cursor, a prompt, and keys that are echoed. */
  async isRestored(): Promise<void> {
    await until(() => !this.isAlternate, "the alternate screen to be left");
    await until(() => this.isCursorShown, "the cursor to be shown");
    this.run("stty -a | tr ' ;' '\\n\\n' | grep -x -- 'echo' && echo and $((40 + 2)) more");
    await this.sees(/^(ready)?echo\nand 42 more$/m);
  }
}

async function ask(url: string, content: string): Promise<void> {
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content }] });
  await (
    await fetch(`${url}/v1/chat/completions`, { method: "POST", body, headers: { "content-type": "application/json" } })
  ).text();
}

/** To the program that looks at this router. */
function signalled(name: string, url: string): void {
  execFileSync("pkill", [`-${name}`, "-f", `main.ts tui ${url}`]);
}

const TUI = `node ${MAIN} tui`;

for (const [columns, rows] of [
  [80, 24],
  [120, 40],
  [220, 60],
] as const) {
  test(`in a real terminal of ${columns}×${rows}: requests, keys, a chat`, async (t) => {
    const router = await startRouter(FLEET);
    t.after(() => router.close());
    const tmux = new Tmux(t, await scratch(t), columns, rows);
    tmux.run(`${TUI} ${router.url}`);
    await tmux.sees("● live");
    await ask(router.url, "the first one");
    await tmux.sees(/✓ .*m → here/);
    tmux.press("j", "Enter");
    await tmux.sees("Decision");
    tmux.press("Escape");
    await tmux.sees("Statistics");
    tmux.press("p");
    await tmux.sees(/here +in use/);
    tmux.press("Escape");
    await tmux.sees("Statistics");
    tmux.press("Tab");
    tmux.press("-l", "greetings");
    tmux.press("Enter");
    await tmux.sees(/You\s+said: greetings|said:\s+greetings/);
    tmux.press("C-c");
    await tmux.isRestored();
  });
}

describe("however it ends, the terminal is as it was", () => {
  const ends: [string, (tmux: Tmux, url: string) => void][] = [
    ["q", (tmux) => tmux.press("q")],
    ["Ctrl-C", (tmux) => tmux.press("C-c")],
    ["SIGTERM", (_tmux, url) => signalled("TERM", url)],
    ["SIGHUP", (_tmux, url) => signalled("HUP", url)],
  ];
  for (const [name, end] of ends) {
    test(name, async (t) => {
      const router = await startRouter(FLEET);
      t.after(() => router.close());
      const tmux = new Tmux(t, await scratch(t), 100, 30);
      tmux.run(`${TUI} ${router.url}`);
      await tmux.sees("● live");
      assert.ok(tmux.isAlternate);
      end(tmux, router.url);
      await tmux.isRestored();
    });
  }

  test("also when the router has died in between", async (t) => {
    const router = await startRouter(FLEET);
    t.after(() => router.close());
    const tmux = new Tmux(t, await scratch(t), 100, 30);
    tmux.run(`${TUI} ${router.url}`);
    await tmux.sees("● live");
    router.signal("SIGKILL");
    await tmux.sees("not live");
    tmux.press("q");
    await tmux.isRestored();
  });

  test("and when it cannot begin", async (t) => {
    const tmux = new Tmux(t, await scratch(t), 100, 30);
    tmux.run(`${TUI} | cat`);
    await tmux.sees("tui draws on a terminal, and the output is none");
    await tmux.isRestored();
  });
});

test("demo opens it on its own router, and ends with it", async (t) => {
  const tmux = new Tmux(t, await scratch(t), 120, 40);
  tmux.run(`node ${MAIN} demo --port 0 --rate 8`);
  await tmux.sees("● live");
  await tmux.sees(/frontier/);
  tmux.press("q");
  await tmux.sees(/These were \d+ requests/);
  await tmux.isRestored();
});
