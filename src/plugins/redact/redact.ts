import { z } from "zod";
import { linearPattern } from "../../core/linear-pattern.ts";
import type { Dialect } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import { SENSITIVE_KINDS } from "../../core/sensitive/patterns.ts";
import type { TargetFacts } from "../../core/stage-tools.ts";
import { definePlugin } from "../define.ts";
import type { PluginExchange } from "../plugin.ts";
import { Finder } from "./finder.ts";
import { redactRequest } from "./redact-request.ts";
import { Replacements } from "./replacements.ts";
import { AnswerRestorer } from "./restore-answer.ts";

/** Targets that may sign or encrypt what they think: the client has to send it back as it is. */
const SIGN_REASONING: ReadonlySet<Dialect> = new Set(["anthropic", "gemini", "openai-responses"]);
/** Ollama's own models on other people's machines are asked for through one's own. */
const OLLAMA_CLOUD = /[:-]cloud$/;

const ownPattern = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z_-]{0,39}$/, "letters, _ and -, at most 40")
      .describe("What its placeholders are called: `employee` gives `[EMPLOYEE_1]`."),
    pattern: z
      .string()
      .min(1)
      .optional()
      .describe("A regular expression (RE2: no look-around, no back-references), searched for in linear time."),
    words: z.array(z.string().min(1)).optional().describe("Words or phrases, taken literally, found as whole words."),
    ignore_case: z.boolean().default(true).describe("Upper and lower case are the same."),
  })
  .superRefine(({ pattern, words }, context) => {
    if (pattern === undefined && !words?.length)
      context.addIssue({ code: "custom", message: "needs a `pattern` or `words`" });
    if (pattern === undefined) return;
    try {
      linearPattern(pattern);
    } catch (error) {
      context.addIssue({ code: "custom", path: ["pattern"], message: messageOf(error) });
    }
  });

const schema = z.strictObject({
  kinds: z
    .array(z.enum(SENSITIVE_KINDS))
    .default(SENSITIVE_KINDS.filter((kind) => kind !== "ip"))
    .describe("What of the built-in set is replaced."),
  patterns: z
    .array(ownPattern)
    .default([])
    .describe("What else is: `[[plugins.redact.patterns]]`, each with these keys."),
  allow: z
    .array(z.string().min(1))
    .default([])
    .describe("Values that are left as they are, upper and lower case being the same (`git@github.com`)."),
  local: z
    .boolean()
    .default(true)
    .describe("Whether targets on this machine or the own network get placeholders, too; false: they see everything."),
  except: z.array(z.string()).default([]).describe("Providers that see everything."),
});
type Settings = z.output<typeof schema>;

/** Replaces secrets and personal data on the way out, and puts them back into the answer. */
export const redact = definePlugin({
  name: "redact",
  schema,
  // A request that could loosen them would be one to steal with.
  ownerOnly: ["kinds", "patterns", "allow", "local", "except"],
  providerPaths: [["except", "*"]],
  create(settings) {
    const finder = new Finder(settings.kinds, settings.patterns, settings.allow);
    return {
      on_start(exchange) {
        const own = new ExchangeRedaction(finder, exchange);
        exchange.state.set(OWN, own);
        exchange.adapt({
          last: true,
          when: (target) => isGuarded(target, settings),
          change: (request, target) => own.redact(request, target),
          header: (value) => own.replacements.hide(value),
        });
        return "continue";
      },
      stream({ state, request }) {
        const own = state.get(OWN);
        if (!(own instanceof ExchangeRedaction) || own.replacements.size === 0) return undefined;
        const facts = { jsonText: request.output !== undefined, signsReasoning: own.signsReasoning };
        return new AnswerRestorer(own.replacements, facts);
      },
      guard: {
        guards: (target) => isGuarded(target, settings),
        request: (request) => redactRequest(request, new Replacements(finder)),
        header: (value) => new Replacements(finder).hide(value),
      },
    };
  },
});

const OWN = "redaction";

/** What is replaced in one exchange: the same for all targets that are tried. */
class ExchangeRedaction {
  readonly replacements: Replacements;
  signsReasoning = false;
  readonly #exchange: Pick<PluginExchange, "request" | "warn">;
  #told = 0;

  constructor(finder: Finder, exchange: Pick<PluginExchange, "request" | "warn">) {
    this.replacements = new Replacements(finder);
    this.#exchange = exchange;
  }

  redact(request: ChatRequest, target: TargetFacts): ChatRequest {
    // Whatever else is asked on the way: numbers are given by the conversation.
    if (this.replacements.size === 0 && isPartOf(request, this.#exchange.request))
      redactRequest(this.#exchange.request, this.replacements);
    const redacted = redactRequest(request, this.replacements);
    this.signsReasoning ||= SIGN_REASONING.has(target.dialect);
    this.#tell(target);
    return redacted;
  }

  /** Never which. */
  #tell({ provider }: TargetFacts): void {
    const { size } = this.replacements;
    if (size <= this.#told) return;
    this.#told = size;
    const replaced = this.replacements.counts();
    const kinds = Object.entries(replaced).map(([kind, count]) => `${count} ${kind}`);
    this.#exchange.warn(`replaced for provider ${provider}: ${kinds.join(", ")}`, { provider, replaced });
  }
}

/** A question that another plugin makes of the request. */
function isPartOf(one: ChatRequest, { system, tools, messages }: ChatRequest): boolean {
  return one.messages.length < messages.length || one.system.length < system.length || one.tools.length < tools.length;
}

function isGuarded(target: TargetFacts, { local, except }: Settings): boolean {
  if (except.includes(target.provider)) return false;
  const staysHere = target.nearby && !(target.dialect === "ollama" && OLLAMA_CLOUD.test(target.model));
  return local || !staysHere;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
