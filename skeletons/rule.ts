import type { RuleModule } from "opensourcellmrouter/plugin";

/** What may stand beside `type = "NAME"` in the config. */
interface Settings {
  except: string[];
}

export default {
  settings: {
    type: "object",
    properties: {
      except: { type: "array", items: { type: "string" }, default: [], description: "Providers it never sends to." },
    },
  },
  // A misspelt provider is then a mistake of the config.
  providers: ["except.*"],

  create({ except }) {
    return {
      label: "NAME: those nearby first",
      /** Where the request may go, best first. None: the next rule is asked. */
      candidates(request, providers) {
        const allowed = providers.filter(({ name }) => !except.includes(name));
        const nearbyFirst = allowed.toSorted((a, b) => Number(b.nearby) - Number(a.nearby));
        return nearbyFirst.map(({ name }) => ({ provider: name, model: request.model }));
      },
    };
  },
} satisfies RuleModule<Settings>;
