import { Empty } from "../../parts/parts.tsx";

export function RoutingView(_props: { params: URLSearchParams }) {
  return (
    <Empty
      title="Routing is not built yet"
      hint="The config is at GET /router/config, a dry run at POST /router/route."
    />
  );
}
