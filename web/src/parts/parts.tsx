import { type ReactNode, useId } from "react";

export type Tone = "plain" | "accent" | "good" | "warn" | "bad";

/** A word on a ground: tags, states, plugins. The tone never says more than the word. */
export function Pill({ children, tone = "plain", title }: { children: ReactNode; tone?: Tone; title?: string }) {
  return (
    <span className={`pill pill-${tone}`} title={title}>
      {children}
    </span>
  );
}

/** One figure with its name. */
export function Stat({
  name,
  children,
  note,
  tone,
}: {
  name: string;
  children: ReactNode;
  note?: ReactNode;
  tone?: Tone;
}) {
  return (
    <div className={`stat stat-${tone ?? "plain"}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {note !== undefined && <dd className="stat-note">{note}</dd>}
    </div>
  );
}

/** A part of a page under a heading. `actions` stand at the right of it. */
export function Panel({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}

/** There is nothing yet: says what to do first. `children`: lines to copy. */
export function Empty({ title, hint, children }: { title: string; hint?: ReactNode; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {hint !== undefined && <p>{hint}</p>}
      {children}
    </div>
  );
}

/** Something could not be had: what happened, and what can be done. */
export function Problem({ title, error, retry }: { title: string; error: Error; retry?: () => void }) {
  return (
    <div className="problem" role="alert">
      <strong>{title}</strong>
      <p>{error.message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
