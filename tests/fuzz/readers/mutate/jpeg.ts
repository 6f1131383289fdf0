// JPEGs by their segments, with lengths repaired.
import { below, chance, pick } from '../random.ts';
import type { Mutator } from '../target.ts';
import { changeBytes, joined } from './bytes.ts';

const START_OF_SCAN = 0xda;
/** Frames, tables, scans, restarts, application data. */
const MARKERS = [
  0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc9, 0xcc, 0xd0, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xe0, 0xe1, 0xee, 0xfe,
];

interface Segment {
  marker: number;
  data: Uint8Array;
  /** What follows it: of a scan, its entropy-coded data. */
  scan: Uint8Array;
}

export const mutateJpeg: Mutator = (bytes, random) => {
  const segments = segmentsOf(bytes);
  if (segments.length === 0) return bytes;
  const segment = pick(random, segments);
  const at = segments.indexOf(segment);
  switch (below(random, 8)) {
    case 0:
      segments.splice(at, 1);
      break;
    case 1: {
      const copies = Array.from({ length: pick(random, [1, 1, 2, 30]) }, () => ({ ...segment }));
      segments.splice(below(random, segments.length + 1), 0, ...copies);
      break;
    }
    case 2:
      segment.marker = pick(random, MARKERS);
      break;
    case 3: {
      const frame = segments.find(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
      if (frame)
        frame.data = withSize(frame.data, 1 + 2 * below(random, 2), pick(random, [0, 1, 8, 9, 300, 2000, 65535]));
      break;
    }
    case 4: {
      const scans = segments.filter(({ marker }) => marker === START_OF_SCAN);
      const scan = scans.length ? pick(random, scans) : segment;
      scan.scan = changeBytes(scan.scan, random);
      break;
    }
    default:
      segment.data = changeBytes(segment.data, random);
  }
  const end = chance(random, 0.9) ? [0xff, 0xd9] : [];
  return joined(Uint8Array.of(0xff, 0xd8), ...segments.flatMap(written), Uint8Array.from(end));
};

/** @param at of the height or width in a frame header */
function withSize(data: Uint8Array, at: number, size: number): Uint8Array {
  const changed = Uint8Array.from(data);
  changed.set([size >> 8, size & 0xff].slice(0, Math.max(0, data.length - at)), Math.min(at, data.length));
  return changed;
}

function segmentsOf(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xd9; ) {
    const marker = bytes[at + 1]!;
    const end = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    let next = end;
    if (marker === START_OF_SCAN) {
      while (
        next < bytes.length &&
        !(bytes[next] === 0xff && bytes[next + 1]! >= 0xc0 && (bytes[next + 1]! & 0xf8) !== 0xd0)
      )
        next++;
    }
    segments.push({ marker, data: bytes.slice(at + 4, end), scan: bytes.slice(end, next) });
    at = next;
  }
  return segments;
}

function written({ marker, data, scan }: Segment): Uint8Array[] {
  const length = Math.min(data.length + 2, 65535);
  return [Uint8Array.of(0xff, marker, length >> 8, length & 0xff), data, scan];
}
