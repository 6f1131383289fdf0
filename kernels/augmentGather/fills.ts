// The colours that paddings show, as the params of the kernels that pad.
import { ShapeError } from '../errors.ts';

/** Paddings of one launch, each of its own colour. */
export const MOST_FILLS = 4;

/** @throws ShapeError for more than four colours, or what is none */
export function fillParams(where: string, fills: readonly number[]) {
  if (fills.length > MOST_FILLS) {
    throw new ShapeError(`${where}: at most ${MOST_FILLS} fills fit, given ${fills.length}`);
  }
  const wrong = fills.find((fill) => !(Number.isInteger(fill) && fill >= 0 && fill < 2 ** 24));
  if (wrong !== undefined) throw new ShapeError(`${where}: a fill is 24 bits, red in the lowest byte, given ${wrong}`);
  const [fill0 = 0, fill1 = 0, fill2 = 0, fill3 = 0] = fills;
  return { fill0, fill1, fill2, fill3 };
}
