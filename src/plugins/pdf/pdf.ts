import { z } from "zod";
import { RouterError } from "../../core/errors.ts";
import type { TargetFacts } from "../../core/stage-tools.ts";
import { definePlugin } from "../define.ts";
import type { Flow, PluginExchange } from "../plugin.ts";
import type { DocumentText } from "./document-text.ts";
import { type FoundPdf, pdfsIn, withTexts } from "./find-pdfs.ts";
import { PdfTexts } from "./pdf-texts.ts";

const schema = z.strictObject({
  native: z
    .union([z.literal("auto"), z.array(z.string().min(1))])
    .default("auto")
    .describe("Providers that read PDFs themselves and get them as they are; `auto`: judged by their API."),
  max_mb: z.number().positive().max(500).default(32).describe("Of one file, MB; larger ones are not read."),
  max_pages: z.number().int().positive().default(100).describe("Of one file; the pages beyond are left out."),
  timeout_ms: z.number().int().positive().default(20_000).describe("How long reading one file may take."),
});
type Settings = z.output<typeof schema>;

export const pdf = definePlugin({
  name: "pdf",
  schema,
  providerPaths: [["native", "*"]],
  ownerOnly: ["max_mb", "max_pages", "timeout_ms"],
  // Several files of a request are read one after the other.
  deadlineMs: 120_000,
  create({ max_mb, max_pages, timeout_ms }, { clock, log }) {
    const limits = { maxBytes: max_mb * 1_000_000, maxPages: max_pages, timeoutMs: timeout_ms };
    const texts = new PdfTexts(limits, { clock, log });
    return {
      async pre_request(exchange): Promise<Flow> {
        const found = pdfsIn(exchange.request);
        if (found.length > 0 && !goesToReadersOnly(exchange)) await putTexts(exchange, found, texts);
        return "continue";
      },
      close: () => texts.close(),
    };
  },
});

/** True where no text is needed: no file is even read. */
function goesToReadersOnly(exchange: PluginExchange<Settings>): boolean {
  try {
    return exchange.targets().every((target) => readsPdfs(target, exchange.settings));
  } catch (error) {
    // Nobody takes the request: the client is told so when it is routed.
    if (error instanceof RouterError && error.code === "no_provider") return true;
    throw error;
  }
}

/** Servers of one's own models speak OpenAI's API too, but for files. */
function readsPdfs(target: TargetFacts, { native }: Readonly<Settings>): boolean {
  if (native !== "auto") return native.includes(target.provider);
  return target.can("document_data") && !(target.nearby && target.dialect.startsWith("openai"));
}

async function putTexts(exchange: PluginExchange<Settings>, found: FoundPdf[], texts: PdfTexts): Promise<void> {
  const { settings, signal } = exchange;
  const byData = new Map<string, DocumentText>();
  await Promise.all(
    found.map(async ({ data }) => {
      byData.set(data, await texts.textOf(data, signal));
    }),
  );
  const warn = once(() => {
    for (const { data, message } of found) {
      const { warning, problem } = byData.get(data) ?? {};
      if (warning !== undefined && problem) exchange.warn(warning, { problem, message });
    }
  });
  exchange.adapt({
    when: (target) => !readsPdfs(target, settings),
    change(request, target) {
      warn();
      return withTexts(request, target, (data) => byData.get(data)?.text);
    },
  });
}

/** A target may be tried more than once. */
function once(run: () => void): () => void {
  let ran = false;
  return () => {
    if (ran) return;
    ran = true;
    run();
  };
}
