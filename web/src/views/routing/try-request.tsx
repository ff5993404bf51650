import { useEffect, useId, useState } from "react";
import type { DryRun } from "../../../../src/api/routing.ts";
import { useApp, useLoaded } from "../../app/context.ts";
import { bodyOf, CLIENTS, type ClientName, type Trial } from "./bodies.ts";
import { RunResult } from "./run-result.tsx";

const TYPING_MS = 350;

interface TryRequestProps {
  /** `model`, `client`, `prompt`: what is tried at first. */
  params: URLSearchParams;
  onRun(run: DryRun | undefined): void;
}

/** Type a prompt and see which rule would take it. Asked anew while one types: nothing is sent to any provider. */
export function TryRequest({ params, onRun }: TryRequestProps) {
  const { api } = useApp();
  const [trial, setTrial] = useState(() => trialOf(params));
  const [raw, setRaw] = useState<string>();
  const models = useLoaded("models", (signal) => api.models(signal));
  const names = models.data?.models.map(({ id }) => id) ?? [];
  const model = trial.model === "" ? (names[0] ?? "") : trial.model;
  const text = raw ?? JSON.stringify(bodyOf({ ...trial, model }), null, 2);
  const isReady = raw !== undefined || (trial.prompt.trim() !== "" && model !== "");
  const { run, problem } = useDryRun(isReady ? text : undefined, trial.client, model);
  useEffect(() => onRun(run), [run, onRun]);
  const change = (part: Partial<Trial>) => setTrial((before) => ({ ...before, ...part }));
  return (
    <section className="try" aria-label="Try a request">
      <header className="panel-head">
        <h2>Where would it go?</h2>
        <span className="pill pill-accent">dry run: nothing is sent</span>
      </header>
      <p className="soft">
        The router decides as if the request came in, and says why. No provider hears of it, and nothing is recorded.
      </p>
      <div className="try-form">
        <ModelField
          model={trial.model}
          names={names}
          isInBody={raw !== undefined && trial.client !== "gemini"}
          change={(name) => change({ model: name })}
        />
        <ClientField client={trial.client} change={(client) => change({ client })} />
        {raw === undefined ? <PromptFields trial={trial} change={change} /> : <RawField raw={raw} change={setRaw} />}
        <label className="try-check">
          <input
            type="checkbox"
            checked={raw !== undefined}
            onChange={(event) => setRaw(event.target.checked ? text : undefined)}
          />
          edit the raw body
        </label>
      </div>
      {problem !== undefined && (
        <p className="bad" role="alert">
          {problem}
        </p>
      )}
      {run && <RunResult run={run} />}
      {!isReady && <p className="soft">Type a prompt, or a word that a classifier looks for.</p>}
    </section>
  );
}

function trialOf(params: URLSearchParams): Trial {
  const client = CLIENTS.find(({ name }) => name === params.get("client"))?.name ?? "openai";
  const [model, prompt] = [params.get("model") ?? "", params.get("prompt") ?? ""];
  return { client, model, prompt, hasTool: false, hasImage: false };
}

interface ModelFieldProps {
  model: string;
  names: readonly string[];
  /** It is read from there. */
  isInBody: boolean;
  change(name: string): void;
}

function ModelField({ model, names, isInBody, change }: ModelFieldProps) {
  const id = useId();
  return (
    <label>
      Model
      <input
        list={id}
        value={model}
        placeholder={names[0] ?? "any name"}
        disabled={isInBody}
        spellCheck={false}
        onChange={(event) => change(event.target.value)}
      />
      <datalist id={id}>
        {names.slice(0, 1_000).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

function ClientField({ client, change }: { client: ClientName; change(client: ClientName): void }) {
  return (
    <label>
      Client speaks
      <select
        value={client}
        onChange={(event) => {
          const chosen = CLIENTS.find(({ name }) => name === event.target.value);
          if (chosen) change(chosen.name);
        }}
      >
        {CLIENTS.map(({ name, words }) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function RawField({ raw, change }: { raw: string; change(raw: string): void }) {
  return (
    <label className="try-wide">
      Body, as the client would send it
      <textarea
        className="mono"
        rows={14}
        spellCheck={false}
        value={raw}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}

function PromptFields({ trial, change }: { trial: Trial; change(part: Partial<Trial>): void }) {
  return (
    <>
      <label className="try-wide">
        Prompt
        <textarea
          rows={4}
          data-search
          value={trial.prompt}
          placeholder="Why does this function not compile?"
          onChange={(event) => change({ prompt: event.target.value })}
        />
      </label>
      <label className="try-check">
        <input
          type="checkbox"
          checked={trial.hasTool}
          onChange={(event) => change({ hasTool: event.target.checked })}
        />
        with a tool
      </label>
      <label className="try-check">
        <input
          type="checkbox"
          checked={trial.hasImage}
          onChange={(event) => change({ hasImage: event.target.checked })}
        />
        with an image
      </label>
    </>
  );
}

/** What the router would do with that body; the run before stays until there is another. */
function useDryRun(text: string | undefined, client: ClientName, model: string): { run?: DryRun; problem?: string } {
  const { api } = useApp();
  const [state, setState] = useState<{ run?: DryRun; problem?: string }>({});
  useEffect(() => {
    if (text === undefined) {
      setState({});
      return;
    }
    const stopped = new AbortController();
    const timer = setTimeout(() => {
      const asked = parsed(text);
      if (asked === undefined) return setState({ problem: "This is no JSON yet." });
      api.route(asked, { client, ...(client === "gemini" && { model }) }, stopped.signal).then(
        (run) => !stopped.signal.aborted && setState({ run }),
        (error: unknown) =>
          !stopped.signal.aborted && setState({ problem: error instanceof Error ? error.message : String(error) }),
      );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      stopped.abort();
    };
  }, [api, text, client, model]);
  return state;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Half typed: said beside the field.
    return undefined;
  }
}
