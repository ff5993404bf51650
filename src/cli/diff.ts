import type { Env } from "../config/check/providers.ts";
import type { Change, ChangeKind, Side } from "../config/diff/change.ts";
import { diffConfigs } from "../config/diff/diff.ts";
import { readDotEnv } from "../config/dotenv.ts";
import { ConfigError } from "../config/problem.ts";
import { systemClock } from "../core/clock.ts";
import { escapedControls } from "../core/terminal-text.ts";
import { hasColours, paint } from "./colours.ts";
import { wrapped } from "./doctor/paint.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import { Modules } from "./modules/modules.ts";
import { openFile } from "./open-config.ts";
import { buildRules } from "./parts.ts";

/** `diff OLD NEW`: says what changes when NEW takes the place of OLD. Resolves to 1 when something does, as diff(1). */
export async function diff(
  old: string | undefined,
  now: string | undefined,
  { json }: { json: boolean },
  io: Io,
): Promise<number> {
  if (old === undefined || now === undefined) throw new Refusal(2, needsTwo(old));
  const [before, after] = [await sideOf(old, io.env), await sideOf(now, io.env)];
  const changes = diffConfigs(before, after);
  if (json) io.out(escapedControls(JSON.stringify({ old, new: now, changes }, null, 2)));
  else
    for (const line of changeLines(changes, hasColours(io.env, io.isTerminal?.out === true))) io.out(line, "painted");
  return changes.length === 0 ? 0 : 1;
}

function needsTwo(file = "config.toml"): string {
  return (
    `"diff" compares two files: a running router tells of its config only in part, so it cannot be the other one.\n` +
    `What ${file} was in git: git show HEAD:./${file} > old.toml`
  );
}

/** Reads and checks a config. Throws a `Refusal` for one that cannot be used: of it there is nothing to tell. */
async function sideOf(file: string, env: Env): Promise<Side> {
  const dotEnv = readDotEnv(file, env);
  try {
    const modules = new Modules({ clock: systemClock });
    const { config, foreign } = await openFile(file, { kinds: KINDS, env: dotEnv.env, modules });
    const rules = buildRules(config, foreign, { log: () => undefined, env: dotEnv.env });
    return { config, kinds: foreign.with(KINDS), labels: rules.map(({ label }) => label), env: dotEnv.env };
  } catch (cause) {
    if (cause instanceof ConfigError) throw new Refusal(2, cause.message);
    throw cause;
  }
}

const SIGNS: Readonly<Record<ChangeKind, string>> = { consequence: "!", added: "+", removed: "-", changed: "~" };
const COLOURS: Readonly<Record<ChangeKind, string>> = { consequence: "33", added: "32", removed: "31", changed: "36" };
const COLUMNS = 80;

/** In groups, in at most 80 columns. */
function changeLines(changes: readonly Change[], colours: boolean): string[] {
  return [...Map.groupBy(changes, ({ group }) => group)].flatMap(([group, list], place) => [
    ...(place === 0 ? [] : [""]),
    colours ? paint("1", group.replace("_", " ")) : group.replace("_", " "),
    ...list.flatMap(({ kind, text }) =>
      wrapped(text, COLUMNS - 4).map((line, row) => {
        const sign = row === 0 ? SIGNS[kind] : " ";
        return `  ${colours ? paint(COLOURS[kind], sign) : sign} ${line}`;
      }),
    ),
  ]);
}
