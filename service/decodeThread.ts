// A thread of the service: bytes of a picture to what the model reads.
import { parentPort } from 'node:worker_threads';
import type { NamedBytes } from '../datasets/idx.ts';
import { readJpegHeader } from '../datasets/images/jpegHeader.ts';
import { readPngHeader } from '../datasets/images/pngChunks.ts';
import { preprocess } from '../datasets/images/preprocess.ts';
import { toSentError } from '../datasets/loader/protocol.ts';
import { decodeImage } from '../datasets/node/decodeImage.ts';
import type { DecodeAnswer, DecodeJob } from './decodePool.ts';

const port = parentPort!;
port.on('message', async (job: DecodeJob) => {
  const answer = await decoded(job);
  port.postMessage(answer, 'data' in answer ? [answer.data.buffer] : []);
});

async function decoded({ id, bytes, name, preprocessing, maxPixels }: DecodeJob): Promise<DecodeAnswer> {
  try {
    const { width, height } = sizeOf({ name, bytes });
    if (width * height > maxPixels) return { id, size: `${width}x${height}` };
    const image = await decodeImage(bytes, { name, maxPixels });
    return { id, data: preprocess(image, preprocessing).data };
  } catch (error) {
    return { id, error: toSentError(error) };
  }
}

/** By the file's header. @throws FormatError */
function sizeOf(file: NamedBytes): { width: number; height: number } {
  const isJpeg = file.bytes[0] === 0xff && file.bytes[1] === 0xd8;
  const isPng = file.bytes[0] === 0x89 && file.bytes[1] === 0x50;
  if (!isJpeg && !isPng) return { width: 0, height: 0 }; // what is neither is refused below, in better words
  return isJpeg ? readJpegHeader(file) : readPngHeader(file);
}
