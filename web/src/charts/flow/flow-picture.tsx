import { useEffect, useMemo, useRef, useState } from "react";
import "../charts.css";
import "./flow.css";
import { countText, percentText } from "../../parts/format.ts";
import { countedText, shareOf } from "../data/rates.ts";
import { FlowTable } from "./flow-table.tsx";
import { type Column, type Flow, graphOf, type Link, type Node } from "./graph.ts";
import { fitted, layout, type PlacedLink, type PlacedNode } from "./layout.ts";

export interface FlowPictureProps {
  flows: readonly Flow[];
  /** Where a click on a node leads; undefined: nowhere. */
  linkOf(node: Node): string | undefined;
}

const TITLES: Record<Column, string> = { client: "Client", tags: "Tags", rule: "Rule", provider: "Provider" };
const HEAD = 24;
const MOST = { wide: 9, narrow: 6 };

/** Which way requests went: clients, their tags, the rule that decided, the provider. Errors are hatched. */
export function FlowPicture({ flows, linkOf }: FlowPictureProps) {
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const isNarrow = width < 600;
  const graph = useMemo(() => graphOf(flows, isNarrow ? MOST.narrow : MOST.wide), [flows, isNarrow]);
  const picture = useMemo(
    () =>
      layout(graph, {
        width: Math.max(width, 240),
        labels: isNarrow ? width * 0.2 : 150,
        bar: isNarrow ? 6 : 10,
        gap: 18,
        height: isNarrow ? 200 : 240,
      }),
    [graph, width, isNarrow],
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const on = useMemo(() => waysThrough(chosen, graph.links), [chosen, graph]);
  const step = (picture.columns[1]?.x ?? 0) - (picture.columns[0]?.x ?? 0);
  const room = step - (isNarrow ? 14 : 24);
  return (
    <div className="flow" ref={host}>
      {width > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a picture with links in it is no fieldset.
        <svg
          className={chosen === null ? undefined : "flow-chosen"}
          height={picture.height + HEAD + 12}
          viewBox={`0 0 ${picture.width} ${picture.height + HEAD + 12}`}
          role="group"
          aria-label="Ways of requests from clients over tags and rules to providers"
        >
          <Hatch />
          {picture.columns.map(({ column, x }) => (
            <text key={column} className="flow-column" x={x} y={11}>
              {TITLES[column]}
            </text>
          ))}
          <g transform={`translate(0 ${HEAD})`}>
            {picture.links.map((link) => (
              <LinkShape key={wayOf(link)} link={link} isOn={on.has(wayOf(link))} />
            ))}
            {picture.nodes.map((node) => (
              <NodeShape
                key={node.id}
                node={node}
                room={node.column === "provider" ? (isNarrow ? width * 0.2 - 10 : 136) : room}
                whole={graph.requests}
                href={linkOf(node)}
                choose={setChosen}
              />
            ))}
          </g>
        </svg>
      )}
      <FlowTable flows={flows} />
    </div>
  );
}

/** Hatching, so that errors are not known by colour alone. */
function Hatch() {
  return (
    <pattern id="flow-hatch" width="5" height="5" patternUnits="userSpaceOnUse">
      <rect width="5" height="5" fill="var(--chart-bad)" />
      <path d="M-1 1L1 -1M-1 6L6 -1M4 6L6 4" stroke="var(--chart-surface)" strokeWidth="1" />
    </pattern>
  );
}

function LinkShape({ link, isOn }: { link: PlacedLink; isOn: boolean }) {
  return (
    <g className={isOn ? "flow-on" : undefined}>
      <path className="flow-link" d={link.path} />
      {link.errorPath !== "" && <path className="flow-error" d={link.errorPath} style={{ fill: "url(#flow-hatch)" }} />}
    </g>
  );
}

interface NodeShapeProps {
  node: PlacedNode;
  room: number;
  whole: number;
  href: string | undefined;
  choose(id: string | null): void;
}

function NodeShape({ node, room, whole, href, choose }: NodeShapeProps) {
  const { id, name, x, y, width, height, errorHeight, requests, errors } = node;
  const share = percentText(shareOf(requests, whole));
  const failed = errors === 0 ? "" : `, ${countedText(errors, "error")} (${percentText(shareOf(errors, requests))})`;
  const title = `${TITLES[node.column]} ${name}: ${countedText(requests, "request")}, ${share}${failed}`;
  const middle = y + height / 2;
  const label = x + width + 5;
  const events = {
    onPointerEnter: () => choose(id),
    onPointerLeave: () => choose(null),
    onFocus: () => choose(id),
    onBlur: () => choose(null),
  };
  const body = (
    <>
      <title>{title}</title>
      <rect x={x} y={middle - 12} width={width + room} height={24} fill="transparent" />
      <rect className="flow-bar" x={x} y={y} width={width} height={height} rx={1} />
      {errorHeight > 0 && (
        <rect x={x} y={y + height - errorHeight} width={width} height={errorHeight} fill="url(#flow-hatch)" />
      )}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus, and the title says it all. */}
      <g aria-hidden="true">
        <text className="flow-name" x={label} y={middle + 1}>
          {fitted(name, room)}
        </text>
        <text className="flow-number" x={label} y={middle + 13}>
          {countText(requests)}
          {errors > 0 && room > 110 && ` · ${countedText(errors, "error")}`}
        </text>
      </g>
    </>
  );
  if (href === undefined)
    return (
      <g className="flow-node" {...events}>
        {body}
      </g>
    );
  return (
    <a className="flow-node" href={href} {...events}>
      {body}
    </a>
  );
}

function wayOf({ from, to }: { from: string; to: string }): string {
  return `${from}\n${to}`;
}

/** All that flows into a node and out of it, to both ends. */
function waysThrough(id: string | null, links: readonly Link[]): Set<string> {
  const on = new Set<string>();
  if (id === null) return on;
  const follow = (at: string, isForth: boolean) => {
    for (const { from, to } of links) {
      const [near, far] = isForth ? [from, to] : [to, from];
      if (near !== at || on.has(wayOf({ from, to }))) continue;
      on.add(wayOf({ from, to }));
      follow(far, isForth);
    }
  };
  follow(id, true);
  follow(id, false);
  return on;
}

function useWidth(host: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => resized.disconnect();
  }, [host]);
  return width;
}
