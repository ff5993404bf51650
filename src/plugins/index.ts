import { z } from "zod";
import type { SettingsKind } from "../config/kinds.ts";

/** A plugin as the config knows it: its settings are checked though nothing acts on them yet. */
export type PluginSettingsKind = SettingsKind;

const responseHealing: PluginSettingsKind = {
  name: "response-healing",
  schema: z.strictObject({}),
  notYet: true,
};

const paretoRouter: PluginSettingsKind = {
  name: "pareto-router",
  schema: z.strictObject({
    default_tier: z.string().min(1).default("medium").describe("The tier of requests that pick none."),
    tiers: z
      .record(z.string().min(1), z.array(z.string().min(1)))
      .default({})
      .describe("Tier = providers; the first that is there is used."),
  }),
  providerPaths: [["tiers", "*", "*"]],
  notYet: true,
};

const web: PluginSettingsKind = { name: "web", schema: z.strictObject({}), notYet: true };
const pdf: PluginSettingsKind = { name: "pdf", schema: z.strictObject({}), notYet: true };

/** Every plugin, in the order in which those the config enables run. */
export const PLUGIN_KINDS: readonly PluginSettingsKind[] = [responseHealing, paretoRouter, web, pdf];
