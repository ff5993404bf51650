import { RouterError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { type BuiltPlugin, SettingsError } from "../../plugins/define.ts";
import type { Plugin } from "../../plugins/plugin.ts";
import type { Exchange } from "../exchange.ts";

/** A plugin that takes part in this exchange, with its settings. */
export interface ActivePlugin {
  plugin: Plugin;
  settings: JsonObject;
  /** Of each hook, ms; undefined: the router's. */
  deadlineMs?: number | undefined;
  /** Where one of the first two hooks fails the request goes on without it. */
  mayFail?: boolean | undefined;
}

/** A plugin the config knows, with its default settings. */
export interface ConfiguredPlugin extends ActivePlugin {
  enabled: boolean;
  /** How a request's own settings are read over them. Absent: key by key. */
  read?: BuiltPlugin["read"];
}

const NONE: readonly ActivePlugin[] = [];

/**
 * Who takes part: those the config enabled, in registry order, then those the request names. Unknown ids are warned of. Throws
 * `bad_request` for a setting that a plugin does not take.
 */
export function activePlugins(
  configured: readonly ConfiguredPlugin[],
  exchange: Exchange,
  log: Log,
): readonly ActivePlugin[] {
  const calls = exchange.request.plugins;
  if (calls.length === 0 && !configured.some(({ enabled }) => enabled)) return NONE;
  const own = new Map(calls.map((call) => [call.id, call.settings]));
  const active: ActivePlugin[] = [];
  for (const one of configured) {
    if (!one.enabled) continue;
    active.push(withSettings(one, own.get(one.plugin.id), exchange, log));
    own.delete(one.plugin.id);
  }
  for (const [id, called] of own) {
    const known = configured.find(({ plugin }) => plugin.id === id);
    if (known) active.push(withSettings(known, called, exchange, log));
    else
      log("warn", `request ${exchange.id} names plugin ${quoted(id)}, which does not exist: ignored`, {
        request_id: exchange.id,
      });
  }
  return active;
}

function withSettings(
  { plugin, settings, deadlineMs, mayFail, read }: ConfiguredPlugin,
  own: JsonObject | undefined,
  exchange: Exchange,
  log: Log,
): ActivePlugin {
  const active = { plugin, deadlineMs, mayFail };
  if (!own || Object.keys(own).length === 0) return { ...active, settings };
  if (!read) return { ...active, settings: { ...settings, ...own } };
  try {
    const said = read(own);
    if (said.ignored.length > 0) {
      const names = said.ignored.slice(0, 5).map(quoted).join(", ");
      log("warn", `request ${exchange.id} sets ${names} of plugin ${plugin.id}, which it does not have: ignored`, {
        request_id: exchange.id,
        plugin: plugin.id,
      });
    }
    return { ...active, settings: said.settings };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const at = exchange.request.plugins.findLastIndex(({ id }) => id === plugin.id);
    const param = [`plugins[${at}]`, ...error.path].join(".");
    throw new RouterError("bad_request", `${param}: ${error.message}`, { param, cause: error });
  }
}

/** What a client wrote, fit for one line of the log. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
