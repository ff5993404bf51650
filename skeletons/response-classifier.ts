import type { ResponseClassifierModule } from "opensourcellmrouter/plugin";

/** What may stand under [response_classifiers.NAME] in the config. */
interface Settings {
  tag: string;
  from: number;
}

export default {
  settings: {
    type: "object",
    properties: {
      tag: { type: "string", default: "NAME", description: "What it puts on an answer." },
      from: { type: "integer", minimum: 1, default: 1, description: "From so many characters on." },
    },
  },

  /** Made once for a config. It has to answer at once: the end of the answer waits for its tags. */
  create({ tag, from }) {
    return {
      classify(response) {
        const length = response.parts.reduce((sum, part) => sum + (part.type === "text" ? part.text.length : 0), 0);
        return length >= from ? [tag] : [];
      },
    };
  },
} satisfies ResponseClassifierModule<Settings>;
