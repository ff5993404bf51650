import type { ConfigSummary } from "../../../../src/api/routing.ts";
import { countedText } from "../../charts/data/rates.ts";
import { Pill, type Tone } from "../../parts/parts.tsx";
import { TimeAgo } from "../../parts/values.tsx";

type Reload = ConfigSummary["reloads"][number];

/** What the last reloads of the config changed: the latest in full, those before it folded; nothing while there was none. */
export function Reloads({ reloads }: { reloads: readonly Reload[] }) {
  const [last, ...older] = reloads;
  if (last === undefined) return null;
  return (
    <section className="reloads" aria-label="What changed">
      <h3>
        What changed: {headOf(last)} <OutcomePill of={last} />
      </h3>
      <Changes of={last} />
      {older.length > 0 && (
        <details>
          <summary>{countedText(older.length, "reload")} before</summary>
          {older.map((reload) => (
            <div key={`${reload.ts_ms} ${reload.version}`} className="reload">
              <h4>
                {headOf(reload)} <OutcomePill of={reload} />
              </h4>
              <Changes of={reload} />
            </div>
          ))}
        </details>
      )}
    </section>
  );
}

function headOf({ ok, version, ts_ms, source }: Reload) {
  const what = ok ? `version ${version}` : `not taken, version ${version} goes on`;
  const how = { file: "the file changed", SIGHUP: "by SIGHUP", rollback: "by itself" }[source];
  return (
    <>
      {what}{" "}
      <span className="soft">
        · {how}, <TimeAgo tsMs={ts_ms} />
      </span>
    </>
  );
}

function OutcomePill({ of: { ok, source } }: { of: Reload }) {
  const [tone, word]: [Tone, string] =
    source === "rollback" ? ["bad", "↶ rolled back"] : ok ? ["good", "✓ taken"] : ["bad", "✗ wrong"];
  return <Pill tone={tone}>{word}</Pill>;
}

/** So many are shown at once. */
const SHOWN = 12;

function Changes({ of: { ok, problems, changes, source } }: { of: Reload }) {
  const isBad = !ok || source === "rollback";
  const more = changes.slice(SHOWN);
  return (
    <>
      {problems.map((problem) => (
        <p key={problem} className={isBad ? "bad" : "warn"}>
          {problem}
        </p>
      ))}
      <ChangeList changes={changes.slice(0, SHOWN)} />
      {more.length > 0 && (
        <details>
          <summary>{countedText(more.length, "more change")}</summary>
          <ChangeList changes={more} />
        </details>
      )}
      {ok && changes.length === 0 && <p className="soft">Nothing that counts is different.</p>}
    </>
  );
}

function ChangeList({ changes }: { changes: readonly string[] }) {
  if (changes.length === 0) return null;
  return (
    <ul className="changes">
      {changes.map((change) => (
        <li key={change}>{change}</li>
      ))}
    </ul>
  );
}
