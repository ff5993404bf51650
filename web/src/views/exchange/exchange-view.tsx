import { Empty } from "../../parts/parts.tsx";

export function ExchangeView({ id }: { id: string }) {
  return <Empty title="This view is not built yet" hint={`The exchange is at GET /router/exchanges/${id}.`} />;
}
