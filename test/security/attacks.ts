import { equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type RunningRouter, startRouter, type Weakening } from "../support/router.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

/** Where an attack takes place: the real program in a process of its own, in front of a scripted provider. */
export interface Field {
  readonly router: RunningRouter;
  readonly upstream: Upstream;
}

export interface Attack {
  readonly name: string;
  /** What holds it off. Without it the attack must succeed, or the test would prove nothing. */
  readonly guard: Weakening | readonly Weakening[];
  /** Says what the attacker got; undefined: nothing. */
  run(field: Field): Promise<string | undefined>;
}

export interface Setting {
  /** `{UPSTREAM}` in it is the provider's address. Without `[server]` it takes a free port. */
  readonly config: string;
  readonly env?: Record<string, string>;
  readonly dialect?: Parameters<typeof startUpstream>[0];
}

/** Each attack twice: against the router, which repels it, and against one without the guard, where it succeeds. */
export function attacks(title: string, setting: Setting, list: readonly Attack[]): void {
  describe(title, () => {
    withField(setting, [], (field) => {
      for (const { name, run } of list)
        test(`repelled: ${name}`, async () => {
          equal(await run(field()), undefined);
        });
    });
    for (const [guard, those] of Map.groupBy(list, ({ guard }) => JSON.stringify(guard))) {
      withField(setting, [JSON.parse(guard)].flat(), (field) => {
        for (const { name, run } of those)
          test(`succeeds without its guard: ${name}`, async () => {
            ok(await run(field()), "the attack failed though its guard was taken out");
          });
      });
    }
  });
}

/** A router for the tests that `define` defines. */
function withField(setting: Setting, weakenings: readonly Weakening[], define: (field: () => Field) => void): void {
  describe(weakenings.length === 0 ? "as it is" : `without ${weakenings.map(({ file }) => file).join(", ")}`, () => {
    // One by one, so that nothing stays open where the router does not start.
    const field: { upstream?: Upstream; router?: RunningRouter } = {};
    before(async () => {
      field.upstream = await startUpstream(setting.dialect ?? "openai");
      const server = setting.config.includes("[server]") ? "" : "[server]\nport = 0\n";
      const config = server + setting.config.replaceAll("{UPSTREAM}", field.upstream.url);
      field.router = await startRouter(config, setting.env, { weakenings });
    });
    after(async () => {
      await field.router?.close();
      await field.upstream?.close();
    });
    define(() => {
      const { router, upstream } = field;
      ok(router && upstream);
      return { router, upstream };
    });
  });
}
