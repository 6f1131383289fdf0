// What torchvision made of the miniature data sets in tests/fixtures/folders/, and their files.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CityscapesClass, CityscapesPolygons, Image } from '../../datasets/index.ts';

export interface FolderFixtures {
  readonly imageFolder: {
    readonly files: readonly string[];
    readonly classes: readonly string[];
    readonly samples: readonly (readonly [path: string, label: number])[];
  };
  readonly celeba: {
    readonly attributes: readonly string[];
    readonly splits: Readonly<Record<'train' | 'valid' | 'test' | 'all', readonly CelebASample[]>>;
  };
  readonly cityscapes: {
    readonly classes: readonly CityscapesClass[];
    readonly samples: Readonly<Record<string, readonly CityscapesSample[]>>;
  };
}

interface CelebASample {
  readonly file: string;
  readonly sha256: string;
  readonly attr: readonly number[];
  readonly identity: number;
  readonly bbox: readonly number[];
  readonly landmarks: readonly number[];
}

interface CityscapesSample {
  readonly path: string;
  readonly sha256: string;
  readonly semantic: readonly number[];
  readonly instance: readonly number[];
  readonly polygon: CityscapesPolygons;
  readonly color: string;
}

const fixtures = join(import.meta.dirname, '..', 'fixtures');

export const folderFixtures: FolderFixtures = JSON.parse(readFileSync(join(fixtures, 'folders.json'), 'utf8'));

/** `celeba`, `cityscapes` or `img_align_celeba.zip`. */
export function folderFixture(name: string): string {
  return join(fixtures, 'folders', name);
}

/** A folder's files by path below it. */
export function filesOf(folder: string): Record<string, Uint8Array> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), new Uint8Array(readFileSync(path))];
    }),
  );
}

/** The first 16 digits of its pixels' SHA-256. */
export function pixelHash({ data }: Image): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}
