import { type RefObject, useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Colours, watchTheme } from "./paint.ts";

export interface PlotParts {
  /** What has to be built anew when it changes: number and kind of series. */
  shape: string;
  height: number;
  data: uPlot.AlignedData;
  /** Called when the plot is built; colours are to be asked for when something is drawn, as they change with the theme. */
  options(colours: Colours): Omit<uPlot.Options, "width" | "height">;
}

/** A uPlot in `host`, as wide as that, in the theme's colours; new data are drawn without building it again. */
export function usePlot(host: RefObject<HTMLElement | null>, parts: PlotParts): RefObject<uPlot | null> {
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(parts);
  latest.current = parts;
  const { shape, height, data } = parts;

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another shape needs another plot.
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const colours = new Colours(element);
    const { options, data: first } = latest.current;
    const built = new uPlot({ ...options(colours), width: widthOf(element), height }, first, element);
    plot.current = built;
    const resized = new ResizeObserver(() => {
      const width = widthOf(element);
      if (width !== built.width) built.setSize({ width, height });
    });
    resized.observe(element);
    const unwatch = watchTheme(() => {
      colours.forget();
      built.redraw(false, true);
    });
    return () => {
      unwatch();
      resized.disconnect();
      built.destroy();
      colours.remove();
      plot.current = null;
    };
  }, [host, shape, height]);

  useEffect(() => {
    if (plot.current !== null && plot.current.data !== data) plot.current.setData(data);
  }, [data]);
  return plot;
}

function widthOf(element: HTMLElement): number {
  return Math.max(40, Math.floor(element.clientWidth));
}
