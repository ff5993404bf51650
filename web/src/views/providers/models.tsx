import { useState } from "react";
import { hrefOf } from "../../app/routes.ts";
import { agoText, countText } from "../../parts/format.ts";
import { modelsWith, type Provider } from "./words.ts";

/** So many are shown at once: some providers have thousands. */
const MOST = 120;

interface ModelsProps {
  provider: Provider;
  search: string;
  /** How long ago the router said so, ms. */
  ageMs: number;
}

/** The names it can be asked by: its models and aliases. Open while they are searched. */
export function Models({ provider, search, ageMs }: ModelsProps) {
  const [isOpen, setOpen] = useState(false);
  const found = modelsWith(provider, search);
  const isSearched = search.trim() !== "";
  const aliases = Object.keys(provider.aliases).length;
  const { live } = provider;
  const count = live === null ? "" : countText(live.discovery.models);
  return (
    <details
      open={isOpen || (isSearched && found.length > 0)}
      onToggle={(event) => !isSearched && setOpen(event.currentTarget.open)}
    >
      <summary>
        Models{" "}
        <span className="soft">
          {isSearched ? `${countText(found.length)} found` : count}
          {!isSearched && aliases > 0 && `, ${countText(aliases)} aliases`}
        </span>
      </summary>
      {(isOpen || isSearched) && (
        <>
          <ul className="models">
            {found.slice(0, MOST).map(({ name, sent }) => (
              <li key={`${name} ${sent}`}>
                <a href={hrefOf("live", { params: { model: name } })} className="mono">
                  {name}
                </a>
                {sent !== undefined && <span className="soft mono"> → {sent}</span>}
              </li>
            ))}
          </ul>
          {found.length > MOST && (
            <p className="soft">and {countText(found.length - MOST)} more: search for them above</p>
          )}
          {live !== null && (
            <p className="soft">
              {live.discovery.ago_ms === null
                ? "It never told what it has; whatever name a client or rule uses is sent to it."
                : `Asked ${agoText(live.discovery.ago_ms + ageMs)}.`}
            </p>
          )}
        </>
      )}
    </details>
  );
}
