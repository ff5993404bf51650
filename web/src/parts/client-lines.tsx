import { useApp } from "../app/context.ts";
import { CopyLine } from "./copy-line.tsx";

/** How to send the first request: a line for each client, with this router's own address. */
export function ClientLines() {
  const { api } = useApp();
  return (
    <div>
      {clientLines(location.origin, api.hasKey).map(([label, text]) => (
        <CopyLine key={label} label={label} text={text} />
      ))}
    </div>
  );
}

/** With a key the lines name the variable it is in, never the key. */
export function clientLines(origin: string, hasKey: boolean): [string, string][] {
  const key = hasKey ? "$ROUTER_API_KEY" : "unused";
  const bearer = hasKey ? ` -H "authorization: Bearer $ROUTER_API_KEY"` : "";
  const ollamaKey = hasKey ? " OLLAMA_API_KEY=$ROUTER_API_KEY" : "";
  const body = `{"model":"any","messages":[{"role":"user","content":"hello"}]}`;
  return [
    ["curl", `curl ${origin}/v1/chat/completions${bearer} -H 'content-type: application/json' -d '${body}'`],
    ["Claude Code", `ANTHROPIC_BASE_URL=${origin} ANTHROPIC_AUTH_TOKEN=${key} claude`],
    ["Codex", `CODEX_API_KEY=${key} codex -c openai_base_url='"${origin}/v1"'`],
    ["OpenAI SDK", `export OPENAI_BASE_URL=${origin}/v1 OPENAI_API_KEY=${key}`],
    ["Anthropic SDK", `export ANTHROPIC_BASE_URL=${origin} ANTHROPIC_API_KEY=${key}`],
    ["Ollama", `export OLLAMA_HOST=${origin}${ollamaKey}`],
  ];
}
