// EXIF orientation: how a camera was held, which PIL and torchvision ignore unless ImageOps.exif_transpose is called.

import type { Image } from './image.ts';

/** How to read the stored image so that it stands upright: from which sides, and rows for columns or not. */
interface Turn {
  readonly exchanged?: boolean;
  readonly flipX?: boolean;
  readonly flipY?: boolean;
}

/** By the tag's value; flips are counted in the stored image. https://exiv2.org/tags.html Exif.Image.Orientation */
const TURNS: Readonly<Record<number, Turn>> = {
  2: { flipX: true },
  3: { flipX: true, flipY: true },
  4: { flipY: true },
  5: { exchanged: true },
  6: { exchanged: true, flipY: true },
  7: { exchanged: true, flipX: true, flipY: true },
  8: { exchanged: true, flipX: true },
};

/** The orientation tag of a JPEG or PNG file: 1 to 8, and 1 where there is none. */
export async function readOrientation(bytes: Uint8Array): Promise<number> {
  const { default: exifr } = await import('exifr');
  // damaged metadata hinders no one from looking at the picture
  const orientation = await exifr.orientation(bytes).catch(() => undefined);
  return orientation !== undefined && orientation in TURNS ? orientation : 1;
}

/** The image upright: rows and columns as the orientation tag says, as PIL's `ImageOps.exif_transpose`. */
export function turnUpright(image: Image, orientation: number): Image {
  const turn = TURNS[orientation];
  if (!turn) return image;
  const { exchanged = false, flipX = false, flipY = false } = turn;
  const { channels } = image;
  const [width, height] = exchanged ? [image.height, image.width] : [image.width, image.height];
  const data = new Uint8Array(image.data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = exchanged ? [y, x] : [x, y];
      const fromX = flipX ? image.width - 1 - column : column;
      const fromY = flipY ? image.height - 1 - row : row;
      const from = (fromY * image.width + fromX) * channels;
      for (let c = 0; c < channels; c++) data[to++] = image.data[from + c]!;
    }
  }
  return { width, height, channels, data };
}
