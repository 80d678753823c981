/**
 * A chart of the last minutes: one figure with lines, its newest values as text, and a description.
 *
 * uPlot paints on a canvas, which says nothing to a screen reader; the description beside it does. The
 * canvas is made once and given new columns every second.
 */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { html } from "../html.ts";
import type { Columns, SeriesName } from "../state/history.ts";
import { useStore } from "../state/store.ts";
import { colour, paint } from "../state/theme.ts";

/** How much of the past is shown, seconds. */
const SHOWN_SECONDS = 300;
const HEIGHT_PX = 132;
const FONT = "11px system-ui, sans-serif";

/** A line of a chart. */
export interface Line {
  readonly series: SeriesName;
  readonly label: string;
  /** A custom property. */
  readonly colour: string;
  readonly isFilled?: boolean;
}

/** Between marks of time: seconds, and what is a whole number of minutes or hours. */
export const TIME_STEPS: readonly number[] = [
  ...[1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1].flatMap((step) => [step, 2 * step, 5 * step]),
  ...[10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800],
];

/** Between marks of bytes. */
export const BYTE_STEPS: readonly number[] = Array.from({ length: 45 }, (_, power) => 2 ** power);

interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly columns: Columns;
  readonly format: (value: number | null) => string;
  /** What may lie between two marks of the axis; decimal unless given. */
  readonly steps?: readonly number[];
}

/** A chart. */
export function Chart({ title, lines, columns, format, steps }: ChartProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const painted = useStore(paint);
  const [pointed, point] = useState<number | undefined>(undefined);
  useEffect(() => {
    const parent = box.current;
    if (parent === null) return;
    const made = new uPlot(
      options({ width: parent.clientWidth, lines, format, steps, point }),
      [[]],
      parent,
    );
    plot.current = made;
    update(made, lines, columns);
    const resized = new ResizeObserver(() =>
      made.setSize({ width: parent.clientWidth, height: HEIGHT_PX }),
    );
    resized.observe(parent);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [painted]);
  useEffect(() => {
    if (plot.current !== undefined) update(plot.current, lines, columns);
  });
  const pointedAt = pointed === undefined ? undefined : columns.times[pointed];
  return html`
    <figure class="card chart" aria-labelledby=${id}>
      <figcaption>
        <h3 id=${id}>${title}</h3>
        ${pointedAt !== undefined && html`<time>${clock(pointedAt)}</time>`}
        <dl>
          ${lines.map(({ series, label, colour: name }) => {
            const value = columns.series[series].at(pointed ?? -1) ?? null;
            return html`
              <div key=${series}>
                <dt><i style=${{ background: `var(${name})` }} aria-hidden="true"></i>${label}</dt>
                <dd>${format(value)}</dd>
              </div>
            `;
          })}
        </dl>
      </figcaption>
      <div ref=${box} class="plot" role="img" aria-label=${description(title, lines, columns, format)}></div>
    </figure>
  `;
}

/** What the picture shows, in words. */
function description(
  title: string,
  lines: readonly Line[],
  { times, series }: Columns,
  format: ChartProps["format"],
): string {
  const seconds = Math.min(SHOWN_SECONDS, (times.at(-1) ?? 0) - (times[0] ?? 0));
  const parts = lines.map((line) => {
    const values = series[line.series].slice(-SHOWN_SECONDS).filter((value) => value !== null);
    if (values.length === 0) return `${line.label}: nothing yet`;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return `${line.label}: now ${format(values.at(-1) ?? null)}, between ${format(low)} and ${format(high)}`;
  });
  return `${title}, the last ${Math.round(seconds)} seconds. ${parts.join(". ")}.`;
}

function update(plot: uPlot, lines: readonly Line[], { times, series }: Columns): void {
  const last = times.at(-1) ?? Date.now() / 1000;
  const columns = lines.map((line) => [...series[line.series]]);
  plot.batch(() => {
    plot.setData([[...times], ...columns], false);
    plot.setScale("x", { min: last - SHOWN_SECONDS, max: last });
  });
}

interface PlotParts extends Pick<ChartProps, "lines" | "format"> {
  readonly width: number;
  readonly steps: readonly number[] | undefined;
  /** Called with the index of the point under the pointer. */
  readonly point: (at: number | undefined) => void;
}

function options({ width, lines, format, steps, point }: PlotParts): uPlot.Options {
  const [grid, text] = [colour("--line"), colour("--faint")];
  const axis = {
    stroke: text,
    font: FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(width, 100),
    height: HEIGHT_PX,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? undefined)] },
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { setScale: false, x: false },
      sync: { key: "time" },
    },
    scales: {
      x: { time: true },
      y: { range: (_plot, _low, high) => [0, high === null || high <= 0 ? 1 : high * 1.1] },
    },
    axes: [
      { ...axis, size: 22, gap: 4, space: 50, incrs: [60], grid: { show: false }, values: minutes },
      {
        ...axis,
        size: 62,
        gap: 6,
        space: 28,
        ...(steps === undefined ? {} : { incrs: [...steps] }),
        values: (_plot, marks) => marks.map((mark) => format(mark)),
      },
    ],
    series: [
      {},
      ...lines.map((line): uPlot.Series => {
        const stroke = colour(line.colour);
        const fill = line.isFilled ? { fill: translucent(stroke) } : {};
        return {
          label: line.label,
          stroke,
          width: 1.5,
          points: { show: false },
          spanGaps: false,
          ...fill,
        };
      }),
    ],
  };
}

/** `14:05`. */
function minutes(_plot: uPlot, marks: number[]): string[] {
  return marks.map((mark) => clock(mark).slice(0, 5));
}

function clock(atSeconds: number): string {
  return new Date(atSeconds * 1000).toTimeString().slice(0, 8);
}

function translucent(rgb: string): string {
  return rgb.replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)");
}
