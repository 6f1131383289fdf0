// Places boxes and arrows from top to bottom, by dagre.
import { Graph, layout } from '@dagrejs/dagre';
import type { Box } from './boxes.ts';

export interface PlacedBox {
  readonly box: Box;
  /** A last line in the box; '' for none. */
  readonly detail: string;
  /** Of its top left corner, pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its arrow leaves to the right: what is written beside it stands on the left. */
  readonly leavesRight: boolean;
}

export interface Layout {
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly (readonly { x: number; y: number }[])[];
  readonly width: number;
  readonly height: number;
}

export const TITLE_SIZE = 13;
export const NOTE_SIZE = 11;
const PADDING = 10;

/** @param detailOf a last line for each box, such as what it costs. Default: none */
export function layoutOf(boxes: readonly Box[], detailOf: (box: Box) => string = () => ''): Layout {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 30, marginx: 2, marginy: 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(String(box.id), sizeOf(box, detailOf(box)));
  for (const { id, inputs } of boxes) for (const input of inputs) graph.setEdge(String(input), String(id));
  layout(graph);
  const middleOf = (id: number) => graph.node(String(id)) as Size & Point;
  const placed = boxes.map((box) => {
    const { x, y, width, height } = middleOf(box.id);
    const readers = boxes.filter(({ inputs }) => inputs.includes(box.id));
    const leavesRight = readers.length > 0 && readers.every(({ id }) => middleOf(id).x > x + 4);
    return { box, detail: detailOf(box), x: x - width / 2, y: y - height / 2, width, height, leavesRight };
  });
  const arrows = graph.edges().map((edge: { v: string; w: string }) => graph.edge(edge).points as Point[]);
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  return { boxes: placed, arrows, width, height };
}

interface Point {
  x: number;
  y: number;
}

interface Size {
  width: number;
  height: number;
}

function sizeOf({ title, notes, kind, shape }: Box, detail: string): Size {
  const shapeWidth = (shape.join(' × ').length * NOTE_SIZE + 8) * 0.6;
  const lines = [
    title.length * TITLE_SIZE * 0.62,
    notes.join(', ').length * NOTE_SIZE * 0.58,
    shapeWidth,
    detail.length * NOTE_SIZE * 0.54,
  ];
  const width = Math.max(kind === 'merge' && title === '+' ? 30 : 110, ...lines) + 2 * PADDING;
  const furtherLines = Number(notes.length > 0) + Number(detail !== '');
  return { width, height: TITLE_SIZE + furtherLines * (NOTE_SIZE + 5) + 2 * PADDING };
}
