import { asObject, type Json, type JsonObject } from "../../core/json.ts";
import { COMMON_KEYS } from "../check/stages.ts";
import { configSchema } from "../config.ts";
import type { SettingsKind } from "../kinds.ts";
import { compareChains } from "./chains.ts";
import type { Change, Side } from "./change.ts";
import { consequences } from "./consequences.ts";
import { providerChanges } from "./providers.ts";
import { ruleChanges } from "./rules.ts";
import { differences, differenceText, jsonOf, type Shown } from "./values.ts";

/** Sections told of first; the others follow in the order of the schema. */
const FIRST = ["routing", "failover", "server", "classifiers", "plugins", "response_classifiers"] as const;
/** Told of in words of their own. */
const OWN_WORDS = ["providers", "routers"];
const STAGES = {
  classifiers: { noun: "classifier", kinds: "classifiers" },
  plugins: { noun: "plugin", kinds: "plugins" },
  response_classifiers: { noun: "response classifier", kinds: "responseClassifiers" },
} as const;

/** What changes when the one config takes the place of the other, the most important first. Empty: nothing that counts. */
export function diffConfigs(before: Side, after: Side): Change[] {
  const chains = compareChains(before, after);
  const others = Object.keys(configSchema.shape).filter((section) => !OWN_WORDS.includes(section));
  const sections = [...new Set<string>([...FIRST, ...others])];
  const [was, is] = [jsonOf(before.config), jsonOf(after.config)];
  return [
    ...consequences(before, after, chains),
    ...providerChanges(before.config.providers, after.config.providers),
    ...ruleChanges(chains),
    ...sections.flatMap((section) =>
      isStages(section) ? stageChanges(section, before, after) : settingChanges(section, was[section], is[section]),
    ),
  ];
}

function settingChanges(section: string, before: Json | undefined, after: Json | undefined): Change[] {
  return [...differences(before, after)].map((difference) => {
    const { kind, text } = differenceText(difference, "texts");
    return { group: section, kind, text: `[${section}] ${text}` };
  });
}

function isStages(section: string): section is keyof typeof STAGES {
  return Object.hasOwn(STAGES, section);
}

function stageChanges(section: keyof typeof STAGES, before: Side, after: Side): Change[] {
  const { noun, kinds } = STAGES[section];
  const [was, is] = [before, after].map(({ config, kinds: all }) =>
    wholeStages(jsonOf(config[section]), all[kinds], COMMON_KEYS[section]),
  );
  const group = section;
  return [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])].flatMap((id): Change[] => {
    const [old, now] = [was?.[id], is?.[id]];
    if (now === undefined) return [{ group, kind: "removed", text: `${noun} ${id} is gone` }];
    if (old === undefined) {
      const state = now["enabled"] === true ? "" : ", not enabled";
      return [{ group, kind: "added", text: `${noun} ${id} is new${state}` }];
    }
    const shown: Shown = old["module"] !== undefined || now["module"] !== undefined ? "numbers" : "names";
    return [...differences(old, now)].map((difference) => {
      if (difference.path[0] === "enabled") {
        const is = now["enabled"] === true;
        return {
          group,
          kind: is ? "added" : "removed",
          text: `${noun} ${id} is ${is ? "" : "not "}enabled${is ? " now" : " any more"}`,
        };
      }
      const { kind, text } = differenceText(difference, shown);
      return { group, kind, text: `${noun} ${id}: ${text}` };
    });
  });
}

/** With the defaults of their kinds; `common`: keys that are not of these. */
function wholeStages(
  stages: JsonObject,
  kinds: readonly SettingsKind[],
  common: readonly string[],
): Record<string, JsonObject> {
  const whole: Record<string, JsonObject> = Object.create(null);
  for (const [id, stage] of Object.entries(stages)) {
    const settings = asObject(stage) ?? {};
    const kind = kinds.find(({ name }) => name === id);
    const own = Object.fromEntries(Object.entries(settings).filter(([key]) => !common.includes(key)));
    const parsed = kind?.schema.safeParse(own);
    whole[id] = { ...settings, ...(parsed?.success && jsonOf(parsed.data)) };
  }
  return whole;
}
