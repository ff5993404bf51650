import { useState } from "react";
import { countText, moneyText } from "../../parts/format.ts";
import type { Flow } from "./graph.ts";

/** The same as the flow picture, for those who do not see it or want its numbers. Made when it is opened. */
export function FlowTable({ flows }: { flows: readonly Flow[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="chart-table-title">Ways of requests: </span>as a table
      </summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard.
        <section className="chart-table-scroll" aria-label="Ways of requests" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {["Client", "Tags", "Rule", "Provider", "Requests", "Errors", "Cost"].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {flows.map((flow) => (
                <tr key={JSON.stringify([flow.client, flow.tags, flow.rule, flow.provider])}>
                  <th scope="row">{flow.client}</th>
                  <td>{flow.tags.join(" + ") || "(none)"}</td>
                  <td>{flow.rule ?? "(none)"}</td>
                  <td>{flow.provider ?? "(none)"}</td>
                  <td>{countText(flow.requests)}</td>
                  <td>{countText(flow.errors)}</td>
                  <td>{moneyText(flow.cost_usd)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
