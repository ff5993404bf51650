import { type ReactNode, useEffect, useRef, useState } from "react";
import { ExchangeView } from "../views/exchange/exchange-view.tsx";
import { LiveView } from "../views/live/live-view.tsx";
import { OverviewView } from "../views/overview/overview-view.tsx";
import { PlaygroundView } from "../views/playground/playground-view.tsx";
import { ProvidersView } from "../views/providers/providers-view.tsx";
import { RoutingView } from "../views/routing/routing-view.tsx";
import { ConnectionBanner, ConnectionState } from "./banner.tsx";
import { useBook } from "./context.ts";
import { Help } from "./help.tsx";
import { focusSearch, isTyping, useKeys } from "./keyboard.ts";
import { go, hrefOf, type Place, usePlace, VIEWS, type View } from "./routes.ts";
import { useTheme } from "./theme.ts";

const TITLES: Record<View, string> = {
  live: "Live",
  exchanges: "Exchange",
  overview: "Overview",
  providers: "Providers",
  routing: "Routing",
  playground: "Playground",
};

/** Top bar, the view the address names, and the keys of the whole page. */
export function Shell() {
  const place = usePlace();
  const back = useRef(hrefOf("live"));
  if (place.view === "live") back.current = hrefOf("live", { params: Object.fromEntries(place.params) });
  const [isHelpOpen, setHelpOpen] = useState(false);
  const opened = useRef<string>(undefined);
  const from = opened.current;
  useEffect(() => {
    opened.current = place.view === "exchanges" ? place.id : undefined;
  }, [place.view, place.id]);
  usePageKeys(() => setHelpOpen(true));
  return (
    <>
      <title>{`${TITLES[place.view]} · router`}</title>
      <button type="button" className="skip" onClick={focusMain}>
        Skip to the page
      </button>
      <header className="top">
        <a className="brand" href={hrefOf("live")} aria-label="router: Live">
          <Mark /> router
        </a>
        <Navigation view={place.view} />
        <div className="top-end">
          <InFlight />
          <ConnectionState />
          <ThemeButton />
          <button type="button" className="quiet" aria-label="Keys" title="Keys (?)" onClick={() => setHelpOpen(true)}>
            ?
          </button>
        </div>
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        <h1 className="hidden">{TITLES[place.view]}</h1>
        {viewOf(place, back.current, from)}
      </main>
      {isHelpOpen && <Help close={() => setHelpOpen(false)} />}
    </>
  );
}

/** `back`: the list an exchange was opened from; `from`: the exchange that was left for the list. */
function viewOf({ view, id, params }: Place, back: string, from: string | undefined): ReactNode {
  switch (view) {
    case "live":
      return <LiveView params={params} from={from} />;
    case "exchanges":
      return <ExchangeView key={id} id={id ?? ""} back={back} />;
    case "overview":
      return <OverviewView params={params} />;
    case "providers":
      return <ProvidersView params={params} />;
    case "routing":
      return <RoutingView params={params} />;
    case "playground":
      return <PlaygroundView params={params} />;
  }
}

/** One way that becomes three. */
function Mark() {
  return (
    <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
      <path
        d="M1.5 8h4c3 0 3-5 6-5h3M5.5 8h9M5.5 8c3 0 3 5 6 5h3"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      />
    </svg>
  );
}

function Navigation({ view }: { view: View }) {
  const current = view === "exchanges" ? "live" : view;
  return (
    <nav aria-label="Views">
      {VIEWS.map((name) => (
        <a key={name} href={hrefOf(name)} aria-current={name === current ? "page" : undefined}>
          {TITLES[name]}
        </a>
      ))}
    </nav>
  );
}

function InFlight() {
  const { flying } = useBook();
  return (
    <span className="in-flight number" title="Requests under way">
      {flying.length} <span className="wide-only">in flight</span>
    </span>
  );
}

function ThemeButton() {
  const [theme, next] = useTheme();
  const sign = { system: "◐", light: "☀", dark: "☾" }[theme];
  return (
    <button type="button" className="quiet" onClick={next} aria-label={`Theme: ${theme}`} title={`Theme: ${theme}`}>
      {sign}
    </button>
  );
}

function focusMain(): void {
  document.getElementById("main")?.focus();
}

function usePageKeys(help: () => void): void {
  const views = VIEWS.map((view, index) => [String(index + 1), () => go(hrefOf(view))] as const);
  useKeys({
    ...Object.fromEntries(views),
    "?": help,
    "/": (event) => {
      if (focusSearch()) event.preventDefault();
    },
    Escape: (event) => {
      if (isTyping(event.target) && event.target instanceof HTMLElement) event.target.blur();
    },
  });
}
