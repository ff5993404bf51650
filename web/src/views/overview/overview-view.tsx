import { Empty } from "../../parts/parts.tsx";

export function OverviewView(_props: { params: URLSearchParams }) {
  return <Empty title="Overview is not built yet" hint="Figures are at GET /router/stats." />;
}
