// mistakes.png: where the model was most sure and wrong.
import { encodePng } from '../../datasets/node/encodePng.ts';
import { type MistakesOptions, mistakesSheet } from '../report/mistakes.ts';
import type { AnyDataset } from '../report/thumbnails.ts';

/**
 * `mistakesSheet` as the bytes of a PNG file.
 * @throws as `mistakesSheet`
 */
export async function mistakesPng(dataset: AnyDataset, options: MistakesOptions): Promise<Uint8Array> {
  return encodePng(await mistakesSheet(dataset, options));
}
