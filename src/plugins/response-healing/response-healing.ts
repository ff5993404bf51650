import { z } from "zod";
import { type Fit, fitOf, type SchemaChecker } from "../../core/bounded/check-schema.ts";
import type { JsonObject } from "../../core/json.ts";
import type { OutputShape } from "../../core/request.ts";
import { definePlugin } from "../define.ts";
import type { Healed, Repair } from "./heal.ts";
import { HealingStream } from "./healing-stream.ts";

interface Libraries {
  repair: Repair;
  Checker: SchemaChecker;
}

/** Makes JSON of answers that nearly are JSON. */
export const responseHealing = definePlugin({
  name: "response-healing",
  schema: z.strictObject({
    only_when_asked: z
      .boolean()
      .default(false)
      .describe("Text is looked at only where the request asked for JSON; else also where it plainly is JSON."),
    tool_calls: z.boolean().default(true).describe("Arguments of tool calls that are no JSON are repaired too."),
  }),
  create: () => {
    let libraries: Libraries | undefined;
    return {
      on_start() {
        if (libraries) return "continue";
        return load().then((loaded) => {
          libraries = loaded;
          return "continue" as const;
        });
      },
      stream({ request, settings, warn }) {
        const { output, tools } = request;
        const asked = output !== undefined || (settings.only_when_asked ? undefined : false);
        const toolCalls = settings.tool_calls && tools.some(({ kind }) => kind === "function");
        if (!libraries || (asked === undefined && !toolCalls)) return undefined;
        const { repair, Checker } = libraries;
        return new HealingStream({
          asked,
          toolCalls,
          repair,
          told(healed, { tool }) {
            const fit = tool === undefined ? fitOfOutput(healed, output, Checker) : undefined;
            warn(messageOf(healed, tool, fit), detailsOf(healed, tool, fit));
          },
        });
      },
    };
  },
});

/** When the first request comes: a start without one is quicker. */
async function load(): Promise<Libraries> {
  const [{ jsonrepair }, { Validator }] = await Promise.all([import("jsonrepair"), import("@cfworker/json-schema")]);
  return { repair: jsonrepair, Checker: Validator };
}

function fitOfOutput({ value }: Healed, output: OutputShape | undefined, Checker: SchemaChecker): Fit | undefined {
  return output?.kind === "json_schema" ? fitOf(value, output.schema, Checker) : undefined;
}

function messageOf({ faults }: Healed, tool: string | undefined, fit: Fit | undefined): string {
  const what = tool === undefined ? "the answer was" : `the arguments for ${JSON.stringify(tool.slice(0, 100))} were`;
  const healed = `${what} no valid JSON (${faults.join(", ")}) and healed`;
  if (!fit) return healed;
  if (fit.fits === true) return `${healed}; it fits the schema`;
  if (fit.fits === false) return `${healed}; it does not fit the schema: ${fit.keyword} at ${fit.at}`;
  return `${healed}; whether it fits the schema is not known: ${fit.why}`;
}

function detailsOf({ faults }: Healed, tool: string | undefined, fit: Fit | undefined): JsonObject {
  return {
    healed: tool === undefined ? "text" : "arguments",
    faults,
    ...(tool !== undefined && { tool: tool.slice(0, 100) }),
    ...(fit && { schema: { ...fit } }),
  };
}
