import { z } from "zod";
import { asArray, asObject } from "../../core/json.ts";
import { textOf } from "../../core/part.ts";
import { SetupError } from "../../core/setup-error.ts";
import { type Classifier, defineClassifier } from "../classifier.ts";
import { excerpt, newest } from "../text/texts.ts";

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe("Where the request is described by POST."),
  api_key_env: z
    .string()
    .min(1)
    .optional()
    .describe("NAME of the environment variable whose value is sent as `Authorization: Bearer`."),
  timeout_ms: z
    .int()
    .positive()
    .optional()
    .describe("How long the service may take; omitted: as long as all classifiers together."),
  max_chars: z
    .int()
    .positive()
    .default(20_000)
    .describe("So many characters are sent of the newest messages, and of the system prompt as many."),
  allow: z.array(z.string().min(1)).optional().describe("The tags it may set; omitted: any."),
});

/** Tags a request by what a service of one's own says. */
export const http = defineClassifier({
  name: "http",
  schema,
  create: ({ url, api_key_env: name, timeout_ms: timeoutMs, max_chars: chars, allow }, { env }): Classifier => {
    const key = name === undefined ? undefined : env[name];
    if (name !== undefined && !key)
      throw new SetupError(`api_key_env: the variable ${name} is not set (a .env file beside the config will do)`);
    return {
      id: "http",
      asks: true,
      async classify(request, { client, http: web }) {
        const answer = await web.fetch({
          url,
          method: "POST",
          reach: "configured",
          ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
          ...(timeoutMs !== undefined && { timeoutMs }),
          body: {
            model: request.model,
            system: excerpt(textOf(request.system, "\n"), chars),
            messages: newest(request, chars).map((message) => ({ ...message })),
            client: client.dialect,
            agent: client.agent ?? null,
            conversation: client.conversation,
            stream: client.stream,
          },
        });
        if (answer.status !== 200) throw new Error(`${url} answered with status ${answer.status}`);
        const tags = asArray(asObject(answer.json())?.["tags"]);
        if (!tags?.every((tag) => typeof tag === "string"))
          throw new Error(`${url} answered without a list of tags: {"tags": ["…"]} was expected`);
        return tags.filter((tag) => !allow || allow.includes(tag));
      },
    };
  },
});
