import type { ClassifierModule } from "opensourcellmrouter/plugin";

/** What may stand under [classifiers.NAME] in the config. */
interface Settings {
  tag: string;
  from: number;
}

export default {
  settings: {
    type: "object",
    properties: {
      tag: {
        type: "string",
        default: "NAME",
        description: "What it puts on a request; rules of the type tag decide by it.",
      },
      from: { type: "integer", minimum: 1, default: 1, description: "From so many messages on." },
    },
  },

  /** Made once for a config. The request belongs to everybody: look at it, never change it. */
  create({ tag, from }) {
    return {
      classify(request) {
        return request.messages.length >= from ? [tag] : [];
      },
    };
  },
} satisfies ClassifierModule<Settings>;
