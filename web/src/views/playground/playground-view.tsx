import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { ConfigSummary } from "../../../../src/api/routing.ts";
import { type App, useApp, useLoaded } from "../../app/context.ts";
import { Composer } from "./composer.tsx";
import { LaneView } from "./lane-view.tsx";
import "./playground.css";
import { Session } from "./session.ts";
import { SettingsPanel } from "./settings-panel.tsx";

/** `#/playground?model=…&format=…&prompt=…`: opens with these filled in. */
export function PlaygroundView({ params }: { params: URLSearchParams }) {
  const { api } = useApp();
  const session = sessionOf(api);
  const view = useSyncExternalStore(session.subscribe, session.view);
  const models = useLoaded("models", (signal) => api.models(signal));
  const config = useLoaded("config", (signal) => api.config(signal));
  const [problem, setProblem] = useState<string>();
  const known = models.data?.models ?? [];
  useStart(session, params, known[0]?.id);

  const guarded = (act: () => void) => {
    try {
      act();
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="playground">
      <SettingsPanel
        session={session}
        settings={view.settings}
        plugins={config.data?.plugins ?? []}
        wantsKey={wantsKey(config.data)}
      />
      <div className="playground-main">
        <datalist id="playground-models">
          {known.map(({ id, providers }) => (
            <option key={id} value={id}>
              {providers.map(({ provider }) => provider).join(", ")}
            </option>
          ))}
        </datalist>
        <div className={`lanes lanes-${view.lanes.length}`}>
          {view.lanes.map((lane, index) => (
            <LaneView
              key={index}
              name={view.lanes.length === 1 ? "Conversation" : `Conversation ${index === 0 ? "A" : "B"}`}
              index={index}
              lane={lane}
              session={session}
              draft={view.draft}
              sendResults={(results) => guarded(() => session.sendResults(index, results))}
            />
          ))}
        </div>
        {problem !== undefined && (
          <p className="bad" role="alert">
            Not sent: {problem}
          </p>
        )}
        {models.error && <p className="warn">The list of models cannot be had: {models.error.message}</p>}
        <Composer session={session} view={view} send={(text) => guarded(() => session.send(text))} />
      </div>
    </div>
  );
}

/** The page has the owner's key, and that is no client's. */
function wantsKey(config: ConfigSummary | undefined): boolean {
  const { admin_key, keys } = config?.server ?? {};
  return typeof admin_key === "string" && Array.isArray(keys) && keys.length > 0;
}

/** One session for as long as the tab lives: it goes on while another view is looked at. */
const sessions = new WeakMap<App["api"], Session>();

function sessionOf(api: App["api"]): Session {
  const known = sessions.get(api);
  if (known) return known;
  const headers = { "content-type": "application/json" };
  const session: Session = new Session({
    post: ({ path, body }, signal) => {
      const key = session.view().settings.clientKey.trim() || undefined;
      return api.fetch(path, { method: "POST", headers, body, signal }, key);
    },
    schedule: (draw) => requestAnimationFrame(draw),
  });
  sessions.set(api, session);
  return session;
}

function useStart(session: Session, params: URLSearchParams, firstModel: string | undefined): void {
  const query = params.toString();
  const given = useMemo(() => new URLSearchParams(query), [query]);
  useEffect(() => {
    const [model, format, prompt] = ["model", "format", "prompt"].map((name) => given.get(name));
    if (model) session.setLane(0, { model });
    if (format) session.setLane(0, { format });
    if (prompt) session.write(prompt);
  }, [session, given]);
  useEffect(() => {
    if (firstModel !== undefined && session.view().lanes[0]?.model === "") session.setLane(0, { model: firstModel });
  }, [session, firstModel]);
}
