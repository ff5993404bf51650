import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DoctorArgs, doctor } from "../../src/cli/doctor/doctor.ts";
import { resultSchema } from "../../src/cli/doctor/result.ts";
import { type Cleanup, scratch } from "../support/in-process.ts";

/** What doctor said of a config, and its exit code. */
export interface Looked {
  code: number;
  text: string;
  /** Of `--json`. */
  result(): ReturnType<typeof resultSchema.parse>;
  /** `failed tcp: …`, a row each. */
  rows(): string[];
  folder: string;
}

export interface LookOptions extends Partial<DoctorArgs> {
  env?: Record<string, string>;
  columns?: number;
  signal?: AbortSignal;
  /** Told of each line as it is printed. */
  heard?: (line: string) => void;
  /** Beside the config. */
  dotEnv?: string;
  /** Else one of its own. */
  folder?: string;
}

/** Runs doctor in this process on a config of its own folder. */
export async function look(test: Cleanup, toml: string, options: LookOptions = {}): Promise<Looked> {
  const { env = {}, columns = 80, signal, heard, dotEnv, ...args } = options;
  const folder = options.folder ?? (await scratch(test));
  const file = join(folder, "config.toml");
  await writeFile(file, toml);
  if (dotEnv !== undefined) await writeFile(join(folder, ".env"), dotEnv, { mode: 0o600 });
  const lines: string[] = [];
  const told = (line: string) => {
    lines.push(...line.split("\n"));
    heard?.(line);
  };
  const code = await doctor(
    { file, providers: [], model: undefined, json: false, deep: false, mayAsk: true, timeoutMs: 10_000, ...args },
    { env, out: told, err: told },
    { colour: false, columns },
    signal ?? new AbortController().signal,
  );
  const text = lines.join("\n");
  const result = () => resultSchema.strict().parse(JSON.parse(text));
  const rows = () =>
    result().sections.flatMap(({ findings }) => findings.map((one) => `${one.state} ${one.check}: ${one.text}`));
  return { code, text, result, rows, folder };
}
