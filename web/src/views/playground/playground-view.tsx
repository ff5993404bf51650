import { Empty } from "../../parts/parts.tsx";

export function PlaygroundView(_props: { params: URLSearchParams }) {
  return <Empty title="Playground is not built yet" hint="Any client can ask the router." />;
}
