import type { PluginModule } from "opensourcellmrouter/plugin";

/** What may stand under [plugins.NAME] in the config. */
export interface Settings {
  sign: string;
}

export default {
  settings: {
    type: "object",
    properties: {
      sign: { type: "string", default: "(by way of NAME)", description: "Stands under every answer." },
    },
  },

  /** Before the request is routed. `exchange.request` may be changed: return "modified" then. */
  pre_request(exchange) {
    exchange.log("info", `NAME: a request for ${exchange.request.model}`);
    return "continue";
  },

  /** After the whole answer. Streams are gathered for it, and streamed again. */
  post_response(exchange) {
    exchange.response?.parts.push({ type: "text", text: `\n\n${exchange.settings.sign}` });
    return "modified";
  },
} satisfies PluginModule<Settings>;
