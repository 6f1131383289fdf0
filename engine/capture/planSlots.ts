// Which temporaries may share memory: greedy by size, largest first, each into the tightest place that is free for as
// long as it lives (Pisarchyk and Lee 2020, https://arxiv.org/abs/2001.03288), or a slot of its own. Slots are buffers,
// and WebGPU tracks usage by buffer: a dispatch may not read one part and write another. So two that one entry of the
// tape touches never share a slot, however far apart their places in it would be.

/** A temporary. */
export interface Interval {
  /** A multiple of 256: where bindings may start on every adapter. */
  readonly bytes: number;
  /** First and last entry of the tape that it must hold its values for. */
  readonly first: number;
  readonly last: number;
  /** Entries that touch it. */
  readonly uses: ReadonlySet<number>;
  /** It must start where its slot starts. */
  readonly isFirst?: boolean;
}

/** Where an interval lies. */
export interface Place {
  readonly slot: number;
  /** Bytes from the slot's start. */
  readonly offset: number;
}

export interface SlotPlan {
  /** Bytes of each slot. */
  readonly slots: readonly number[];
  /** The place of each interval. */
  readonly places: readonly Place[];
}

interface Slot {
  readonly bytes: number;
  readonly held: { readonly interval: Interval; readonly offset: number }[];
}

export function planSlots(intervals: readonly Interval[]): SlotPlan {
  const slots: Slot[] = [];
  const places = new Array<Place>(intervals.length);
  const largestFirst = [...intervals.keys()].sort(
    (a, b) => intervals[b].bytes - intervals[a].bytes || intervals[a].first - intervals[b].first,
  );
  for (const i of largestFirst) {
    const interval = intervals[i];
    let best: (Place & { room: number }) | undefined;
    for (const [slot, candidate] of slots.entries()) {
      const gap = tightestGap(candidate, interval);
      if (gap && gap.room < (best?.room ?? Infinity)) best = { slot, ...gap };
    }
    const { slot, offset } = best ?? { slot: slots.push({ bytes: interval.bytes, held: [] }) - 1, offset: 0 };
    slots[slot].held.push({ interval, offset });
    places[i] = { slot, offset };
  }
  return { slots: slots.map(({ bytes }) => bytes), places };
}

/** The smallest free range of the slot that the interval fits in; undefined where there is none. */
function tightestGap({ bytes, held }: Slot, interval: Interval): { offset: number; room: number } | undefined {
  const neighbours = held
    .filter(({ interval: other }) => other.first <= interval.last && interval.first <= other.last)
    .sort((a, b) => a.offset - b.offset);
  if (neighbours.some(({ interval: other }) => meet(other.uses, interval.uses))) return undefined;
  let best: { offset: number; room: number } | undefined;
  let offset = 0;
  for (const next of [...neighbours, undefined]) {
    const room = (next?.offset ?? bytes) - offset;
    const isFree = !interval.isFirst || offset === 0;
    if (isFree && room >= interval.bytes && room < (best?.room ?? Infinity)) best = { offset, room };
    if (next) offset = Math.max(offset, next.offset + next.interval.bytes); // neighbours may share places in turn
  }
  return best;
}

function meet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  for (const entry of a) if (b.has(entry)) return true;
  return false;
}
