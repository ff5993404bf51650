import { type ReactNode, useId } from "react";
import type { ConfigSummary } from "../../../../src/api/routing.ts";
import { THINKING } from "./formats/format.ts";
import type { PluginChoice } from "./plugins.ts";
import type { Session, Settings } from "./session.ts";
import { SAMPLE_TOOLS, toolsOf } from "./tools.ts";

interface Props {
  session: Session;
  settings: Settings;
  plugins: ConfigSummary["plugins"];
  /** Clients need a key, and the page's own is none of theirs. */
  wantsKey: boolean;
}

/** What is sent beside the messages. */
export function SettingsPanel({ session, settings, plugins, wantsKey }: Props) {
  return (
    <details className="playground-settings" open={matchMedia("(min-width: 901px)").matches}>
      <summary>Settings</summary>
      <div className="fields">
        {wantsKey && <ClientKey session={session} settings={settings} />}
        <Field label="System prompt">
          {(id) => (
            <textarea
              id={id}
              rows={3}
              value={settings.system}
              placeholder="none"
              onChange={(event) => session.set({ system: event.target.value })}
            />
          )}
        </Field>
        <Sampling session={session} settings={settings} />
        <Tools session={session} settings={settings} />
        <Plugins session={session} settings={settings} plugins={plugins} />
        <p className="soft small">Kept in this tab only, and gone with it.</p>
      </div>
    </details>
  );
}

type SettingProps = Pick<Props, "session" | "settings">;

function ClientKey({ session, settings }: SettingProps) {
  return (
    <Field
      label="A client's key"
      note={<span className="soft small">The admin key asks no models. Kept until the page is loaded again.</span>}
    >
      {(id) => (
        <input
          id={id}
          type="password"
          autoComplete="off"
          placeholder="needed to send"
          value={settings.clientKey}
          onChange={(event) => session.set({ clientKey: event.target.value })}
        />
      )}
    </Field>
  );
}

function Sampling({ session, settings }: SettingProps) {
  return (
    <div className="field-row">
      <Field label="Temperature">
        {(id) => (
          <input
            id={id}
            inputMode="decimal"
            placeholder="default"
            value={settings.temperature}
            onChange={(event) => session.set({ temperature: event.target.value })}
          />
        )}
      </Field>
      <Field label="Max tokens">
        {(id) => (
          <input
            id={id}
            inputMode="numeric"
            placeholder="default"
            value={settings.maxTokens}
            onChange={(event) => session.set({ maxTokens: event.target.value })}
          />
        )}
      </Field>
      <Field label="Thinking">
        {(id) => (
          <select
            id={id}
            value={settings.thinking}
            onChange={(event) =>
              session.set({ thinking: THINKING.find((effort) => effort === event.target.value) ?? "" })
            }
          >
            <option value="">default</option>
            {THINKING.map((effort) => (
              <option key={effort}>{effort}</option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function Tools({ session, settings }: SettingProps) {
  const { note, isWrong } = noteOn(settings.tools);
  return (
    <Field
      label="Tools"
      note={<span className={isWrong ? "bad" : "soft"}>{note}</span>}
      action={
        settings.tools === "" ? (
          <button type="button" onClick={() => session.set({ tools: SAMPLE_TOOLS })}>
            Add a sample
          </button>
        ) : (
          <button type="button" onClick={() => session.set({ tools: "" })}>
            Remove
          </button>
        )
      }
    >
      {(id) => (
        <textarea
          id={id}
          className="mono"
          rows={settings.tools === "" ? 2 : 8}
          spellCheck={false}
          placeholder="JSON, in the words of any API"
          value={settings.tools}
          onChange={(event) => session.set({ tools: event.target.value })}
        />
      )}
    </Field>
  );
}

function noteOn(text: string): { note: string; isWrong: boolean } {
  try {
    const names = toolsOf(text).map(({ name }) => name);
    return { note: names.join(", "), isWrong: false };
  } catch (error) {
    return { note: error instanceof Error ? error.message : String(error), isWrong: true };
  }
}

function Plugins({ session, settings, plugins }: Omit<Props, "wantsKey">) {
  if (plugins.length === 0) return null;
  const others = (name: string) => settings.plugins.filter(({ id }) => id !== name);
  return (
    <fieldset>
      <legend>Plugins for this request</legend>
      {plugins.map(({ name, enabled }) => {
        const chosen = settings.plugins.find(({ id }) => id === name);
        const choose = (choice: PluginChoice[]) => session.set({ plugins: [...others(name), ...choice] });
        return (
          <div key={name} className="plugin">
            <label className="check">
              <input
                type="checkbox"
                checked={chosen !== undefined}
                onChange={() => choose(chosen ? [] : [{ id: name, settings: "" }])}
              />{" "}
              {name}
              {enabled && <span className="soft"> (on for all)</span>}
            </label>
            {chosen && (
              <input
                className="mono"
                aria-label={`Settings of ${name}`}
                placeholder={'settings as JSON, {"tier": "high"}'}
                spellCheck={false}
                value={chosen.settings}
                onChange={(event) => choose([{ id: name, settings: event.target.value }])}
              />
            )}
          </div>
        );
      })}
    </fieldset>
  );
}

interface FieldProps {
  label: string;
  note?: ReactNode;
  action?: ReactNode;
  children(id: string): ReactNode;
}

function Field({ label, note, action, children }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        {action}
      </div>
      {children(id)}
      {note}
    </div>
  );
}
