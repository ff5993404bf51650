import { isObject, tryParseJson } from "../../../../core/json.ts";
import { textOf } from "../../../../core/part.ts";
import { askingCase, excerpt, good, poor, question } from "../deep-case.ts";

const schema = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer" } },
  required: ["city", "people"],
  additionalProperties: false,
};

export const jsonSchema = askingCase({
  name: "json",
  usualOutput: 40,
  feature: "json_schema",
  refusedMeans: (model) => `clients that want JSON of a schema get none from ${model}: route them to another model`,
  request: (model) =>
    question(model, "Name the largest city of France and how many people live there, as JSON.", {
      output: { kind: "json_schema", name: "city", schema, strict: true },
    }),
  judge({ response }) {
    const text = textOf(response.parts);
    const value = tryParseJson(text);
    const healed = "the plugin response-healing mends JSON with a fence or words around it (docs/plugins.md)";
    if (!isObject(value)) return poor(`what it answered is no JSON object: ${excerpt(text)}`, healed);
    const keeps = typeof value["city"] === "string" && Number.isInteger(value["people"]);
    if (keeps && Object.keys(value).length === 2) return good("its JSON keeps the schema");
    return poor(`its JSON does not keep the schema: ${excerpt(text)}`, "clients have to check what they get");
  },
});
