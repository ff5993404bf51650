import { isObject } from "../../core/json.ts";
import type { ModuleTools, ProviderFacts, RuleRequest } from "../../plugins/module.ts";
import { defineRule, type RuleKind } from "../../routing/define-rule.ts";
import type { Rule, Target } from "../../routing/rule.ts";
import type { Fleet, Provider } from "../../upstream/provider.ts";
import { type Method, maker, type Shape } from "./exported.ts";
import { creating, type Origin, toolsOf } from "./origin.ts";
import { commonOf, exportOf } from "./stage-kinds.ts";

const RULE: Shape = { functions: ["candidates"], values: ["label"] };
/** A rule that yields without end must not be asked without end. */
const MAX_TARGETS = 1_000;

/** The rule that a module exports, as the registry knows rules. Throws `ModuleFault` for what is none. */
export function ruleKind(exported: unknown, origin: Origin): RuleKind {
  const module = exportOf(exported, RULE, ["settings", "providers"]);
  const make = maker(module, RULE);
  return defineRule({
    ...commonOf(module, origin),
    create(settings, allTools): Rule {
      const tools = toolsOf(origin, allTools);
      const made = creating(origin, () => make(settings, tools));
      const label = made.value("label");
      const candidates = made.methods.get("candidates");
      return {
        type: origin.name,
        ofModule: true,
        label: typeof label === "string" ? label : origin.name,
        candidates: (request, fleet) => (candidates ? targetsOf(candidates, request, fleet, tools) : []),
      };
    },
  });
}

/** What the rule yields, as far as it makes sense. What it throws ends it. */
function* targetsOf(candidates: Method, request: RuleRequest, fleet: Fleet, tools: ModuleTools): Generator<Target> {
  try {
    const given = candidates(
      viewOf(request),
      fleet.all().map((provider) => factsOf(provider)),
    );
    let count = 0;
    for (const one of listOf(given)) {
      const target = targetOf(one, request.model, fleet);
      if (typeof target === "string") tools.log("warn", `${target}: passed over`);
      else yield target;
      if (++count === MAX_TARGETS) return;
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tools.log("warn", `failed: ${message}; what comes after it is asked`);
  }
}

function viewOf(request: RuleRequest): RuleRequest {
  const { model, tags, needs, client } = request;
  return {
    model,
    tags,
    needs,
    client,
    get inputTokens() {
      return request.inputTokens;
    },
    get wallMs() {
      return request.wallMs;
    },
  };
}

function listOf(given: unknown): Iterable<unknown> {
  if (isIterable(given)) return given;
  throw new TypeError(`it gave ${given === null ? "null" : typeof given}, not a list of targets`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** A text says why it is none. */
function targetOf(given: unknown, asked: string, fleet: Fleet): Target | string {
  if (!isObject(given)) return `it gave ${given === null ? "null" : typeof given}, which is no target`;
  const { provider: name, model = asked, rank } = given;
  if (typeof name !== "string" || typeof model !== "string" || model === "") {
    return "it gave a target without the name of a provider, or with a model that is no text";
  }
  const provider = fleet.get(name);
  if (provider) return { provider, model, ...(typeof rank === "number" && { rank }) };
  return fleet.skipped.has(name) ? `provider ${name} has no key` : `there is no provider ${name}`;
}

function factsOf({ name, half, nearby, models, config }: Provider): ProviderFacts {
  return {
    name,
    dialect: half.dialect,
    nearby,
    models: [...models.keys()],
    cost: config.cost_per_1m_tokens,
    quality: config.quality,
    latencyMs: config.latency_ms,
    tokensPerSecond: config.throughput_tokens_per_sec,
  };
}
