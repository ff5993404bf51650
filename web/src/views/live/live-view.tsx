import { Empty } from "../../parts/parts.tsx";

export function LiveView(_props: { params: URLSearchParams }) {
  return <Empty title="Live is not built yet" hint="The events are at GET /dashboard/events." />;
}
