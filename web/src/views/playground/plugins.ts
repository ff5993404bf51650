import { isObject } from "./formats/json.ts";

/** A plugin asked for, with its settings as typed: JSON, or nothing. */
export interface PluginChoice {
  id: string;
  settings: string;
}

/** As a request names it. Throws saying what is wrong with the settings. */
export function pluginCallOf({ id, settings }: PluginChoice): { id: string } {
  if (settings.trim() === "") return { id };
  let parsed: unknown;
  try {
    parsed = JSON.parse(settings);
  } catch (error) {
    throw new Error(`the settings of ${id} are no JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (!isObject(parsed)) throw new Error(`the settings of ${id} are no JSON object`);
  return { ...parsed, id };
}
