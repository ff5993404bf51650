import { useMemo, useState } from "react";
import type { Providers } from "../../../../src/api/providers.ts";
import { useApp, useEvents, useLoaded } from "../../app/context.ts";
import { useKeys } from "../../app/keyboard.ts";
import { Empty, Problem } from "../../parts/parts.tsx";
import { useNow } from "../../parts/values.tsx";
import { ProviderSection } from "./provider.tsx";
import { healthOf, modelsWith, summary } from "./words.ts";
import "./providers.css";

const EVERY_MS = 2_000;
const STATS_EVERY_MS = 10_000;
const HOUR_MS = 3_600_000;

/** Every provider as it is right now. */
export function ProvidersView({ params }: { params: URLSearchParams }) {
  const { api } = useApp();
  const [search, setSearch] = useState(params.get("q") ?? "");
  const asked = useLoaded("providers", (signal) => api.providers(signal), {
    everyMs: EVERY_MS,
  });
  const { reload } = asked;
  useEvents((events) => {
    if (events.some(({ type }) => type === "provider" || type === "config")) reload();
  });
  useKeys({ j: () => focusRow(1), k: () => focusRow(-1) });
  const data = asked.data;
  if (data === undefined)
    return asked.error ? (
      <Problem title="The providers are not known" error={asked.error} retry={reload} />
    ) : (
      <p className="soft">Asking the router…</p>
    );
  return (
    <>
      <header className="providers-head">
        <p>{summary(data.providers)}</p>
        <input
          type="search"
          data-search
          placeholder="Find a model"
          aria-label="Find a model"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Found data={data} search={search} />
      </header>
      {asked.error && <Problem title="What is shown is old" error={asked.error} retry={reload} />}
      {data.providers.length === 0 && <Empty title="No provider is configured" hint="Add a [[providers]] table." />}
      <List data={data} search={search} />
    </>
  );
}

function List({ data, search }: { data: Providers; search: string }) {
  const { api } = useApp();
  const nowMs = useNow();
  const saidMs = useMemo(() => (data ? Date.now() : 0), [data]);
  const [step, setStep] = useState<number | null>(null);
  const { data: stats } = useLoaded(
    "providers-stats",
    (signal) => api.stats({ since_ms: Date.now() - HOUR_MS, until_ms: Date.now(), by: "provider" }, signal),
    { everyMs: STATS_EVERY_MS },
  );
  const ageMs = Math.max(0, nowMs - saidMs);
  const found =
    search.trim() === "" ? data.providers : data.providers.filter((one) => modelsWith(one, search).length > 0);
  const ordered = [...found].sort((a, b) => rank(a) - rank(b));
  return ordered.map((provider) => (
    <ProviderSection
      key={provider.name}
      provider={provider}
      ageMs={ageMs}
      nowMs={nowMs}
      search={search}
      traffic={
        stats && { span: stats, group: stats.groups.find(({ key }) => key === provider.name), step, onStep: setStep }
      }
    />
  ));
}

/** In the order of the config; those that are skipped come last. */
function rank(provider: Providers["providers"][number]): number {
  return healthOf(provider).name === "skipped" ? 1 : 0;
}

function Found({ data, search }: { data: Providers; search: string }) {
  if (search.trim() === "") return null;
  const having = data.providers.filter((one) => modelsWith(one, search).length > 0);
  return (
    <span className="soft" role="status">
      {having.length === 0 ? "no provider lists it" : `at ${having.map(({ name }) => name).join(", ")}`}
    </span>
  );
}

/** The provider after the one that has the focus, or before it. */
function focusRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const to = rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
}
