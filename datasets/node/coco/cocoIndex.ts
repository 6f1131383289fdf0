// What a COCO annotation file holds and where: built in one pass, small enough to stay in memory and to be cached.
import { type FileHandle, open } from 'node:fs/promises';
import { FormatError } from '../../../kernels/errors.ts';
import type { AnnotationKind } from '../../coco/annotationKinds.ts';
import type { CocoCategory } from '../../coco/categories.ts';
import type { Fields } from '../../coco/parseRecord.ts';
import { type CocoImage, parseCategory, parseImage } from '../../coco/tables.ts';
import type { BadRecord } from '../../imageDataset.ts';
import { shown } from '../../shown.ts';
import { jsonSpans, type Spans } from './jsonSpans.ts';
import { readRecords } from './readRecords.ts';

export interface CocoIndex {
  /** In order of id. */
  readonly categories: readonly CocoCategory[];
  /** In order of id. */
  readonly images: readonly CocoImage[];
  /** The annotations of image i are those from `starts[i]` to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  /** Where the annotations lie in the file: image by image, and as the file has them within one. */
  readonly annotations: Spans;
  /** Records that are damaged; they are not among the others. */
  readonly bad: readonly BadRecord[];
}

/** Beyond, the file is no annotation file with a few damaged records. */
const MAX_BAD = 100_000;

/**
 * Reads the whole file once, checking every record.
 * @throws FormatError where it is no such JSON, lacks a list, or has more than 100,000 damaged records
 */
export async function buildCocoIndex<Item>(path: string, kind: AnnotationKind<Item>): Promise<CocoIndex> {
  const file = await open(path);
  try {
    const spans = await jsonSpans(file, path, { keys: ['images', 'annotations', 'categories'] });
    const missing = kind.lists.filter((list) => !spans.has(list));
    if (missing.length > 0) {
      const found = spans.size > 0 ? `only ${[...spans.keys()].join(' and ')}` : 'none of its lists';
      throw new FormatError(
        `${path}: found ${found}, expected a COCO file (${kind.name}) with ${missing.join(' and ')}`,
      );
    }
    return await new Builder(path, file, spans).build(kind);
  } finally {
    await file.close();
  }
}

class Builder {
  private readonly bad: BadRecord[] = [];
  private readonly badImages = new Set<number>();

  constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly spans: ReadonlyMap<string, Spans>,
  ) {}

  async build<Item>(kind: AnnotationKind<Item>): Promise<CocoIndex> {
    const categories = await this.table('categories', parseCategory);
    categories.forEach((category, index) => {
      categories[index] = { ...category, index };
    });
    const images = await this.table('images', parseImage);
    const annotations = await this.annotations(kind, images, categories);
    return { categories, images, ...annotations, bad: this.bad };
  }

  /** The records of a list, in order of id. */
  private async table<Item extends { id: number }>(list: string, parse: (fields: Fields) => Item): Promise<Item[]> {
    const items = new Map<number, Item>();
    await this.each(list, (fields) => {
      try {
        const item = parse(fields);
        if (items.has(item.id)) throw new FormatError('has the id of one before');
        items.set(item.id, item);
      } catch (error) {
        if (list === 'images' && !items.has(fields.id as number)) this.badImages.add(fields.id as number);
        throw error;
      }
    });
    return [...items.values()].sort((a, b) => a.id - b.id);
  }

  private async annotations<Item>(
    kind: AnnotationKind<Item>,
    images: readonly CocoImage[],
    categories: readonly CocoCategory[],
  ): Promise<Pick<CocoIndex, 'annotations' | 'starts'>> {
    const byId = new Map(categories.map((category) => [category.id, category]));
    const rows = new Map(images.map(({ id }, row) => [id, row]));
    const ids = new Set<unknown>();
    const spans = this.spans.get('annotations') ?? {
      count: 0,
      offsets: new Float64Array(),
      lengths: new Uint32Array(),
    };
    const rowOf = new Int32Array(spans.count).fill(-1);
    await this.each('annotations', (fields, index) => {
      const imageId = fields.image_id as number;
      if (this.badImages.has(imageId)) return;
      const row = rows.get(imageId);
      if (row === undefined) throw new FormatError(`image_id is ${shown(imageId)}, which is not among the images`);
      kind.parse(fields, images[row]!, byId);
      if (ids.has(fields.id)) throw new FormatError('has the id of one before');
      ids.add(fields.id);
      rowOf[index] = row;
    });
    return groupByRow(spans, rowOf, images.length);
  }

  private async each(list: string, visit: (fields: Fields, index: number) => void): Promise<void> {
    const spans = this.spans.get(list);
    if (!spans) return;
    for await (const records of readRecords(this.file, list, spans)) {
      for (const record of records) {
        try {
          visit(record.parse(), record.index);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          if (this.bad.length === MAX_BAD) throw new FormatError(`${this.path}: more than ${MAX_BAD} damaged records`);
          this.bad.push({ record: `${this.path}: ${record.label}`, reason: error.message });
        }
      }
    }
  }
}

/** Sorted by counting; -1 is left out. */
function groupByRow(spans: Spans, rowOf: Int32Array, rows: number): Pick<CocoIndex, 'annotations' | 'starts'> {
  const starts = new Uint32Array(rows + 1);
  for (const row of rowOf) if (row >= 0) starts[row + 1]!++;
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const count = starts[rows]!;
  const next = starts.slice();
  const [offsets, lengths] = [new Float64Array(count), new Uint32Array(count)];
  for (let i = 0; i < spans.count; i++) {
    const row = rowOf[i]!;
    if (row < 0) continue;
    const place = next[row]!++;
    offsets[place] = spans.offsets[i]!;
    lengths[place] = spans.lengths[i]!;
  }
  return { starts, annotations: { count, offsets, lengths } };
}
