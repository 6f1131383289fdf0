// Finds places for the names of points in a scatter plot where they cover neither points nor each other. Vega-lite has
// no such layout.

export interface LabelPoint {
  readonly text: string;
  /** Of the mark's middle, pixels; y grows downwards. */
  readonly x: number;
  readonly y: number;
  /** Of the mark, pixels. */
  readonly radius: number;
}

export interface LabelPlace {
  /** Of the text's middle from the mark's, pixels. */
  readonly dx: number;
  readonly dy: number;
  /** Where it had to leave its mark: the end at the text of a line to the mark's middle, from there, pixels. */
  readonly leader?: { readonly dx: number; readonly dy: number };
}

export interface LabelArea {
  readonly width: number;
  readonly height: number;
  /** Pixels. Default 10. */
  readonly fontSize?: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Rectangle {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Degrees, the preferred first: right, above, below, left, then the corners. */
const DIRECTIONS = [0, -90, 90, 180, -40, 40, -140, 140];
const STEPS = 10;
/** Marks nearer than this, pixels, compete for places. */
const CROWD = 40;
const SAMPLES = 16;
/** Share of the font size that a character is wide. */
const CHARACTER = 0.58;

/**
 * Greedy, the most crowded first: each label takes the first place, near to far, that covers least of what is there and
 * is nearest to its own mark.
 */
export function placeLabels(points: readonly LabelPoint[], area: LabelArea): LabelPlace[] {
  const { fontSize = 10 } = area;
  const taken: Rectangle[] = points.map(({ x, y, radius }) => around(x, y, radius, radius));
  const neighbours = (point: LabelPoint) =>
    points.filter(({ x, y, radius }) => Math.hypot(x - point.x, y - point.y) < CROWD + radius + point.radius).length;
  const places = new Map<LabelPoint, LabelPlace>();
  for (const point of points.toSorted((a, b) => neighbours(b) - neighbours(a))) {
    const { place, label } = best(point, { points, taken, area, fontSize });
    places.set(point, place);
    taken.push(label);
  }
  return points.map((point) => places.get(point)!);
}

function best(
  point: LabelPoint,
  {
    points,
    taken,
    area,
    fontSize,
  }: { points: readonly LabelPoint[]; taken: readonly Rectangle[]; area: LabelArea; fontSize: number },
): { place: LabelPlace; label: Rectangle } {
  const [halfWidth, halfHeight] = [(point.text.length * fontSize * CHARACTER) / 2 + 2, fontSize / 2 + 1];
  const others = taken.filter((_, i) => points[i] !== point);
  const candidates = Array.from({ length: STEPS }, (_, step) => step * 7).flatMap((further) =>
    DIRECTIONS.map((degrees, direction) => {
      const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
      const away = point.radius + 2 + further;
      const dx = cos * away + Math.sign(Math.round(cos * 10)) * halfWidth;
      const dy = sin * away + Math.sign(Math.round(sin * 10)) * halfHeight;
      const label = around(point.x + dx, point.y + dy, halfWidth, halfHeight);
      const end = nearestTo(label, point);
      const leader = further > 7 ? { dx: end.x - point.x, dy: end.y - point.y } : undefined;
      const covered = taken.reduce((sum, other) => sum + overlap(label, other), 0);
      const crossed = leader ? others.filter((other) => crosses(point, end, other)).length : 0;
      const own = distance(label, point);
      const nearer = points.filter((other) => other !== point && distance(label, other) < own + 4).length;
      const cost = covered + 1000 * outside(label, area) + 15 * nearer + 15 * crossed + own + direction / 1000;
      return { cost, label, place: { dx, dy, ...(leader && { leader }) } };
    }),
  );
  return candidates.reduce((least, candidate) => (candidate.cost < least.cost ? candidate : least));
}

function around(x: number, y: number, halfWidth: number, halfHeight: number): Rectangle {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

/** From a rectangle to the edge of a mark, pixels. */
function distance(label: Rectangle, mark: LabelPoint): number {
  const { x, y } = nearestTo(label, mark);
  return Math.max(0, Math.hypot(x - mark.x, y - mark.y) - mark.radius);
}

/** The place in a rectangle that is nearest to a mark. */
function nearestTo({ left, right, top, bottom }: Rectangle, { x, y }: Place): Place {
  return { x: Math.min(Math.max(x, left), right), y: Math.min(Math.max(y, top), bottom) };
}

/** Whether a line between two places touches a rectangle, by sampling. */
function crosses(from: Place, to: Place, { left, right, top, bottom }: Rectangle): boolean {
  return Array.from({ length: SAMPLES + 1 }, (_, i) => i / SAMPLES).some((t) => {
    const [x, y] = [from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)];
    return x > left && x < right && y > top && y < bottom;
  });
}

/** Square pixels in common. */
function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Pixels by which it leaves the plot. */
function outside({ left, right, top, bottom }: Rectangle, { width, height }: LabelArea): number {
  return Math.max(0, -left) + Math.max(0, right - width) + Math.max(0, -top) + Math.max(0, bottom - height);
}
