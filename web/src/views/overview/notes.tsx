import type { Status } from "../../../../src/api/routing.ts";
import { ApiError } from "../../client/api.ts";
import { ClientLines } from "../../parts/client-lines.tsx";
import { CopyLine } from "../../parts/copy-line.tsx";
import { countText } from "../../parts/format.ts";
import { Empty, Problem } from "../../parts/parts.tsx";
import { type Outlook, RANGES } from "./range.ts";

/** Why the numbers may not be whole; nothing when they are. */
export function StoreNote({ status }: { status: Status | undefined }) {
  const store = status?.store;
  if (store?.state === "indexing")
    return <span className="soft">The log is being read in: {countText(store.exchanges)} exchanges so far.</span>;
  if (store?.state === "memory")
    return <span className="soft">Known since the router started: nothing is kept on disk.</span>;
  if (store?.state === "failed") return <span className="bad">Not up to date: {store.problem}</span>;
  return null;
}

interface NoStatsProps {
  error: Error;
  /** What is shown is from before. */
  isOld: boolean;
  retry(): void;
}

/** Why there are no numbers, and what to do. */
export function NoStats({ error, isOld, retry }: NoStatsProps) {
  const isOff = error instanceof ApiError && error.status === 404;
  if (!isOff) return <Problem title={isOld ? "These numbers are old" : "No numbers"} error={error} retry={retry} />;
  return (
    <Empty title="Nothing is kept to look back at" hint={error.message}>
      <CopyLine label="in the config" text={"[logging]\nenabled = true"} />
    </Empty>
  );
}

interface NothingYetProps {
  /** There was never a request. */
  isEmpty: boolean;
  outlook: Outlook;
  /** Where the longest range is. */
  longest: string;
}

/** No request in this time, or none at all: then how to send the first. */
export function NothingYet({ isEmpty, outlook, longest }: NothingYetProps) {
  const words = RANGES.find(({ name }) => name === outlook.range)?.words;
  if (!isEmpty)
    return (
      <Empty
        title={words === undefined ? "No requests in this time" : `No requests in the last ${words}`}
        hint={<a href={longest}>Look back 30 days</a>}
      />
    );
  return (
    <Empty title="No requests yet" hint="Send one through the router; its numbers are here a moment later.">
      <ClientLines />
    </Empty>
  );
}
