// Records of a JSON file by where they lie, read in large pieces.
import type { FileHandle } from 'node:fs/promises';
import { FormatError } from '../../../kernels/errors.ts';
import type { Fields } from '../../coco/parseRecord.ts';
import type { Spans } from './jsonSpans.ts';

export interface JsonRecord {
  /** Place in the list. */
  readonly index: number;
  /** `annotations 7`, or `annotations #3 (byte 120)` where it tells no id: for messages. */
  readonly label: string;
  /** @throws FormatError saying what is wrong, where it is no JSON */
  parse(): Fields;
}

const PIECE_BYTES = 2 ** 22;
/** What lies between two records is read with them up to here. */
const MAX_GAP_BYTES = 2 ** 14;

/** Records in the order of the spans; those that lie near each other are read together. */
export async function* readRecords(
  file: FileHandle,
  list: string,
  spans: Spans,
): AsyncGenerator<readonly JsonRecord[]> {
  const { count, offsets, lengths } = spans;
  for (let from = 0; from < count; ) {
    const start = offsets[from]!;
    let to = from + 1;
    while (to < count && isNear(offsets[to]! - start, to)) to++;
    const buffer = Buffer.alloc(offsets[to - 1]! + lengths[to - 1]! - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    if (bytesRead < buffer.length) throw new FormatError(`${list}: the file ended early while it was read`);
    yield Array.from({ length: to - from }, (_, i) => {
      const index = from + i;
      const at = offsets[index]! - start;
      return record(list, index, offsets[index]!, buffer.subarray(at, at + lengths[index]!));
    });
    from = to;
  }

  /** Whether a record at this distance is read with those before. */
  function isNear(distance: number, to: number): boolean {
    const gap = offsets[to]! - offsets[to - 1]! - lengths[to - 1]!;
    return gap >= 0 && gap <= MAX_GAP_BYTES && distance + lengths[to]! <= PIECE_BYTES;
  }
}

function record(list: string, index: number, offset: number, bytes: Buffer): JsonRecord {
  return {
    index,
    get label() {
      // found without parsing: it may be no JSON
      const id = /"id"\s*:\s*(\d{1,16})\s*[,}]/.exec(bytes.toString('latin1', 0, 2 ** 20))?.[1];
      return id === undefined ? `${list} #${index} (byte ${offset})` : `${list} ${id} (byte ${offset})`;
    },
    parse() {
      try {
        return JSON.parse(bytes.toString('utf8'));
      } catch (cause) {
        throw new FormatError(`is no JSON: ${(cause as Error).message}`, { cause });
      }
    },
  };
}
