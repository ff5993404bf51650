import { z } from "zod";
import { adminKey, clientKeys } from "../../../config/secrets/server-keys.ts";
import type { RouterRoute } from "./describe.ts";
import { sendShape } from "./describe.ts";
import type { RouterRouteParts } from "./parts.ts";

const openApiSchema = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });
type OpenApi = z.output<typeof openApiSchema>;

/** `all`: every route under `/router`, this one included. */
export function openApiRoute(parts: RouterRouteParts, all: () => readonly RouterRoute[]): RouterRoute {
  return {
    method: "GET",
    path: "/router/openapi.json",
    summary: "This description.",
    answer: openApiSchema,
    endpoint: ({ res }) => sendShape(res, openApiSchema, describe(parts, all())),
  };
}

function describe({ about, config }: RouterRouteParts, routes: readonly RouterRoute[]): OpenApi {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace("*", "{id}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "opensourcellmrouter",
      version: about.version,
      description: "What the router tells of itself, for its page and for scripts. docs/api.md says more.",
    },
    servers: [{ url: "/" }],
    ...((clientKeys(config.server).length > 0 || adminKey(config.server)) && {
      security: [{ bearer: [] }, { header: [] }, { query: [] }],
    }),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        header: { type: "apiKey", in: "header", name: "x-api-key" },
        query: { type: "apiKey", in: "query", name: "api_key" },
      },
      schemas: { Error: ERROR },
    },
  };
}

const ERROR = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["message", "type", "param", "code"],
      properties: {
        message: { type: "string", description: "What happened, and what to do." },
        type: { type: "string" },
        param: { type: ["string", "null"], description: "The parameter or field at fault." },
        code: { type: ["string", "null"], description: "One of docs/errors.md." },
      },
    },
  },
};

function operationOf({ path, summary, query, body, answer, errors = {} }: RouterRoute): object {
  const parameters = [...(path.endsWith("*") ? [ID] : []), ...(query ? parametersOf(query) : [])];
  const bad = query ? { 400: "A parameter is wrong: `param` names it." } : {};
  const failures = { ...bad, 401: "The router's key is missing or wrong.", ...errors };
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: bodyOf(body) }),
    responses: {
      200: { description: summary, content: { "application/json": { schema: schemaOf(answer) } } },
      ...Object.fromEntries(Object.entries(failures).map(([status, description]) => [status, errorOf(description)])),
    },
  };
}

const ID = { name: "id", in: "path", required: true, schema: { type: "string" } };

const propertiesSchema = z.record(z.string(), z.looseObject({ description: z.string().optional() }));

function parametersOf(query: z.ZodObject): object[] {
  const properties = propertiesSchema.parse(schemaOf(query)["properties"]);
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    const required = query.shape[name]?.safeParse(undefined).success === false;
    return { name, in: "query", required, ...(description !== undefined && { description }), schema };
  });
}

function bodyOf(description: string): object {
  return { description, required: true, content: { "application/json": { schema: { type: "object" } } } };
}

function errorOf(description: string): object {
  return { description, content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } };
}

function schemaOf(schema: z.ZodType): Omit<z.core.JSONSchema.JSONSchema, "$schema"> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "output" });
  return rest;
}
