import { useEffect, useState } from "react";
import type { DryRun } from "../../../../src/api/routing.ts";
import { useApp } from "../../app/context.ts";
import { hrefOf } from "../../app/routes.ts";
import { formatNamed } from "./formats/index.ts";
import type { Session } from "./session.ts";

const PAUSE_MS = 400;

/** Where the rules would send what stands in the lane now. No header and no field forces a provider: the rules decide. */
export function Forecast({ session, index, draft }: { session: Session; index: number; draft: string }) {
  const run = useDryRun(session, index, draft);
  return (
    <p className="forecast small soft">
      {run === undefined ? "Your rules decide which provider answers." : <Decision run={run} />}
    </p>
  );
}

function Decision({ run }: { run: DryRun }) {
  const [first, ...others] = run.targets;
  const chosen = run.verdicts.find(({ outcome }) => outcome === "chosen");
  if (!first)
    return <span className="bad">No rule takes it: {run.error ?? "the router would answer with an error"}</span>;
  return (
    <>
      Your rules would send this to <strong>{first.provider}</strong> as <code>{first.model}</code>
      {first.state !== "closed" && <span className="warn"> (its breaker is {first.state})</span>}
      {chosen && (
        <>
          {" "}
          by <a href={hrefOf("routing")}>rule {chosen.rule + 1}</a>, {chosen.label}
        </>
      )}
      {others.length > 0 && <>; then to {others.map(({ provider }) => provider).join(", ")}</>}
      {run.plugins.length > 0 && <>. {run.plugins.join(", ")} may decide otherwise.</>}
    </>
  );
}

/** Asked anew a moment after the last change; undefined while nobody knows. */
function useDryRun(session: Session, index: number, draft: string): DryRun | undefined {
  const { api } = useApp();
  const [run, setRun] = useState<DryRun>();
  const { model = "", format = "" } = session.view().lanes[index] ?? {};
  const body = model.trim() === "" ? undefined : bodyOf(session, index, draft);
  useEffect(() => {
    if (body === undefined) return setRun(undefined);
    const stopped = new AbortController();
    const timer = setTimeout(() => {
      // Gemini names the model in the path only.
      api.route(JSON.parse(body), { client: format, model }, stopped.signal).then(setRun, () => {
        if (!stopped.signal.aborted) setRun(undefined);
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stopped.abort();
    };
  }, [api, body, format, model]);
  return run;
}

function bodyOf(session: Session, index: number, draft: string): string | undefined {
  try {
    const prompt = session.prompt(index, draft === "" ? "hello" : draft);
    return JSON.stringify(formatNamed(session.view().lanes[index]?.format ?? "").body(prompt));
  } catch {
    // Settings that cannot be sent: the composer says so when it comes to that.
    return undefined;
  }
}
