import { didYouMean } from "../../config/nearest.ts";
import { Conversations } from "../../conversation/conversations.ts";
import { systemClock } from "../../core/clock.ts";
import { escapedControls } from "../../core/terminal-text.ts";
import { summaryOf } from "../../server/endpoints/router/config.ts";
import type { Provider } from "../../upstream/provider.ts";
import { Transports } from "../../upstream/transports.ts";
import { type Io, Refusal } from "../io.ts";
import type { OpenConfig } from "../open-config.ts";
import type { Parts } from "../parts.ts";
import { VERSION } from "../version.ts";
import { built } from "./built.ts";
import { clock } from "./checks/machine/clock.ts";
import { logFiles } from "./checks/machine/log-files.ts";
import { openFiles } from "./checks/machine/open-files.ts";
import { port } from "./checks/machine/port.ts";
import { proxies } from "./checks/machine/proxies.ts";
import { checkProvider } from "./checks/provider/check-provider.ts";
import type { ProviderLook, ProviderTools } from "./checks/provider/tools.ts";
import { configFile } from "./checks/setup/config-file.ts";
import { exposure } from "./checks/setup/exposure.ts";
import { keys } from "./checks/setup/keys.ts";
import { nodeVersion } from "./checks/setup/node-version.ts";
import { privateFiles } from "./checks/setup/private-files.ts";
import { type DeepLook, outlookOf, runDeep } from "./deep/run-deep.ts";
import { counted, type Finding, skipped } from "./finding.ts";
import type { Screen } from "./paint.ts";
import { countsOf, priceText, Report } from "./report.ts";
import type { Result } from "./result.ts";
import { Spending } from "./spending.ts";

/** What the command line says. */
export interface DoctorArgs {
  readonly file: string | undefined;
  /** Only these; empty: all. */
  readonly providers: readonly string[];
  readonly model: string | undefined;
  readonly json: boolean;
  readonly deep: boolean;
  /** False: nothing that is paid for is asked. */
  readonly mayAsk: boolean;
  /** How long one question to a provider may take. */
  readonly timeoutMs: number;
}

/** `doctor`: looks at everything, tells what it found as it goes. Resolves to the exit code. `signal`: tell what is known. */
export async function doctor(args: DoctorArgs, io: Io, screen: Screen, signal: AbortSignal): Promise<number> {
  if (args.deep && !args.mayAsk)
    throw new Refusal(2, "--deep asks providers, and --no-requests forbids it: leave one out");
  const report = new Report(io, screen, args.json);
  report.line(`opensourcellmrouter ${VERSION} doctor`);
  const { opened, findings } = await configFile(args.file, io);
  const build = opened && built(opened);
  const ofConfig = opened ? [...privateFiles(opened), ...keys(opened), exposure(opened)] : [];
  report.section("Setup", [nodeVersion(), ...findings, ...(build?.findings ?? []), ...ofConfig]);
  const parts = build?.parts;
  const session = parts && new Session(args, parts, report, signal);
  try {
    session?.checkNames();
    report.section("Machine", await machine(opened, parts, io, signal));
    await session?.run();
  } finally {
    await session?.close();
  }
  if (!session) report.section("Providers", [skipped("providers", "not looked at: the config has to be mended first")]);
  const result = resultOf(report, opened, session, signal);
  if (args.json) io.out(escapedControls(JSON.stringify(result, null, 2)));
  else report.summary(result);
  return result.ok ? 0 : 1;
}

async function machine(opened: OpenConfig | undefined, parts: Parts | undefined, io: Io, signal: AbortSignal) {
  const env = opened?.dotEnv.env ?? io.env;
  if (!opened || !parts) return [proxies(env)];
  const { server, logging, overload } = opened.config;
  const { version: _, ...expected } = summaryOf({ ...parts, config: opened.config, configVersion: 0 });
  const { admin = parts.keys.clients[0]?.key } = parts.keys;
  const question = { host: server.host, port: server.port, key: admin, expected };
  return [...(await port(question, signal)), ...(await logFiles(logging)), openFiles(overload), proxies(env)];
}

/** The providers of one config being looked at. */
class Session {
  readonly #args: DoctorArgs;
  readonly #parts: Parts;
  readonly #report: Report;
  readonly #signal: AbortSignal;
  readonly #transports = new Transports(systemClock, Math.random);
  readonly #spending: Spending;
  #deep: readonly DeepLook[] | undefined;

  constructor(args: DoctorArgs, parts: Parts, report: Report, signal: AbortSignal) {
    this.#args = args;
    this.#parts = parts;
    this.#report = report;
    this.#signal = signal;
    this.#spending = new Spending(parts.pricing);
  }

  /** Throws `Refusal` for a provider that is not there. */
  checkNames(): void {
    const { config, fleet } = this.#parts;
    const names = config.providers.map(({ name }) => name);
    for (const name of this.#args.providers) {
      if (fleet.get(name)) continue;
      if (fleet.skipped.has(name))
        throw new Refusal(2, `provider ${JSON.stringify(name)} is skipped: its key is not set`);
      throw new Refusal(2, `there is no provider ${JSON.stringify(name)}${didYouMean(name, names)}`);
    }
  }

  async run(): Promise<void> {
    const looks = this.#parts.fleet
      .among(this.#args.providers)
      .map((provider): ProviderLook => ({ provider, findings: [], readings: [], isDone: false }));
    const tools = this.#tools();
    await this.#parts.pricing.load(looks.map(({ provider }) => provider));
    await this.#unlessInterrupted(looks.map((look) => this.#look(look, tools)));
    for (const look of looks.filter(({ isDone }) => !isDone)) this.#tell(look);
    this.#report.section("Clock", [clock(looks.flatMap(({ readings }) => readings))]);
    if (this.#args.deep && !this.#signal.aborted) await this.#runDeep(looks, tools);
  }

  async close(): Promise<void> {
    await Promise.all([this.#transports.close(), this.#parts.stages.close(undefined)]);
  }

  get deep(): Pick<Result, "deep"> {
    if (!this.#deep) return {};
    return {
      deep: this.#deep.map(({ provider, model, features }) => ({
        provider: provider.name,
        model,
        features: [...features],
      })),
    };
  }

  get features(): Finding[] {
    return (this.#deep ?? []).flatMap(({ features }) => features);
  }

  get spent(): Result["spent"] {
    return this.#spending.total;
  }

  #tools(): ProviderTools {
    const { config, chain, pricing } = this.#parts;
    const { timeoutMs, mayAsk, model } = this.#args;
    return {
      transports: this.#transports,
      conversations: new Conversations(config.conversations, systemClock),
      clock: systemClock,
      chain,
      pricing,
      spending: this.#spending,
      timeoutMs,
      signal: this.#signal,
      mayAsk,
      model,
    };
  }

  async #look(look: ProviderLook, tools: ProviderTools): Promise<void> {
    await checkProvider(look, tools);
    if (!this.#signal.aborted) this.#tell(look);
  }

  #tell({ provider, findings, isDone }: ProviderLook): void {
    const rest = isDone ? [] : [skipped("the rest", "not looked at: interrupted")];
    this.#report.section(titleOf(provider), [...findings, ...rest]);
  }

  async #runDeep(looks: readonly ProviderLook[], tools: ProviderTools): Promise<void> {
    const deep = looks.flatMap(({ provider, model }): DeepLook[] =>
      model === undefined ? [] : [{ provider, model, features: [] }],
    );
    this.#deep = deep;
    const left = looks.filter(({ model }) => model === undefined).map(({ provider }) => provider.name);
    this.#report.line("");
    if (left.length > 0) this.#report.line(`Not asked for features, since they did not answer: ${left.join(", ")}`);
    if (deep.length === 0) return;
    const { requests, tokens, cost } = outlookOf(deep, tools);
    this.#report.line(
      `Asking ${counted(deep.length, "provider")} for features: ${counted(requests, "request")}, about ${tokens.toLocaleString("en-US")} tokens${priceText(cost)}; thinking models use more.`,
    );
    await this.#unlessInterrupted(deep.map((look) => runDeep(look, tools)));
    this.#report.deep(deep);
  }

  /** Resolves when all is done, or as soon as nobody wants to wait. */
  async #unlessInterrupted(work: readonly Promise<void>[]): Promise<void> {
    const interrupted = Promise.withResolvers<void>();
    const stop = () => interrupted.resolve();
    this.#signal.addEventListener("abort", stop);
    if (this.#signal.aborted) stop();
    await Promise.race([Promise.all(work), interrupted.promise]);
    this.#signal.removeEventListener("abort", stop);
  }
}

function titleOf({ name, config, half, origin, basePath }: Provider): string {
  if (half.dialect === "simulated") return `Provider ${name} (simulated)`;
  return `Provider ${name} (${config.preset ?? half.dialect}, ${origin}${basePath})`;
}

function resultOf(
  report: Report,
  opened: OpenConfig | undefined,
  session: Session | undefined,
  signal: AbortSignal,
): Result {
  const deep = session?.deep ?? {};
  const found = [...report.sections.flatMap(({ findings }) => findings), ...(session?.features ?? [])];
  const counts = countsOf(found);
  const interrupted = signal.aborted;
  return {
    version: VERSION,
    config: opened?.detected === undefined ? (opened?.file ?? null) : null,
    ok: counts.failed === 0 && !interrupted,
    interrupted,
    counts,
    sections: report.sections.map(({ title, findings }) => ({ title, findings: [...findings] })),
    ...deep,
    spent: session?.spent ?? { requests: 0, input_tokens: 0, output_tokens: 0, cost: { usd: 0, source: "none" } },
  };
}
