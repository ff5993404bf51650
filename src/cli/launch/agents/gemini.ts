import { join } from "node:path";
import { isObject, type JsonObject, tryParseJson } from "../../../core/json.ts";
import { Refusal } from "../../io.ts";
import { type Agent, type Given, PLACEHOLDER_KEY, type Plan } from "../agent.ts";
import { withoutComments } from "../without-comments.ts";

const KEY_SIGN_IN = "gemini-api-key";
const FOLDER = ".gemini";
const SETTINGS = "settings.json";

/** Another key, and other ways to sign in. */
const ELSEWHERE = ["GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA", "GEMINI_CLI_USE_COMPUTE_ADC"];

export const gemini: Agent = {
  name: "gemini",
  title: "Gemini CLI",
  command: "gemini",
  npm: "@google/gemini-cli",
  ownModels: { pattern: /^gemini/i, example: "gemini-3.5-flash" },
  needsModel: false,
  modelVariable: "GEMINI_MODEL",
  plan(given: Given): Plan {
    const { base, key, model } = given;
    return {
      unset: ELSEWHERE,
      args: [],
      ...signInOf(given, {
        GOOGLE_GEMINI_BASE_URL: base,
        GEMINI_API_KEY: key ?? PLACEHOLDER_KEY,
        ...(model && { GEMINI_MODEL: model.name }),
      }),
    };
  },
};

/**
 * How to sign in is said by its settings file only, and it asks when that says nothing. A user who signs in otherwise gets a
 * folder of its files for this purpose: links to his own, and settings that differ in that one point.
 */
function signInOf({ env, home, folder, read }: Given, set: Plan["set"]): Pick<Plan, "set" | "files" | "mirror"> {
  const own = join(env["GEMINI_CLI_HOME"] || home, FOLDER);
  // It may be ours already: `launch` in a shell that `env` has set up.
  const from = own === join(folder, FOLDER) ? join(home, FOLDER) : own;
  const settings = settingsOf(join(from, SETTINGS), read);
  const security = isObject(settings["security"]) ? settings["security"] : {};
  const auth = isObject(security["auth"]) ? security["auth"] : {};
  if (auth["selectedType"] === KEY_SIGN_IN) return { set };
  const text = JSON.stringify(
    { ...settings, security: { ...security, auth: { ...auth, selectedType: KEY_SIGN_IN } } },
    null,
    2,
  );
  return {
    set: { ...set, GEMINI_CLI_HOME: folder },
    files: { [join(folder, FOLDER, SETTINGS)]: `${text}\n` },
    mirror: { from, to: join(folder, FOLDER), except: [SETTINGS] },
  };
}

function settingsOf(path: string, read: Given["read"]): JsonObject {
  const text = read(path);
  if (text === undefined || text.trim() === "") return {};
  const settings = tryParseJson(withoutComments(text));
  if (isObject(settings)) return settings;
  throw new Refusal(1, `${path} is no JSON object: Gemini CLI cannot read it either`);
}
