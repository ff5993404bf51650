import { Empty } from "../../parts/parts.tsx";

export function ProvidersView(_props: { params: URLSearchParams }) {
  return <Empty title="Providers is not built yet" hint="They are at GET /router/providers." />;
}
