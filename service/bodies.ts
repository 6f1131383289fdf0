// Bodies of requests in memory, all of them together within a bound.
import type { Readable } from 'node:stream';
import { ServiceError } from './serviceError.ts';

export class Bodies {
  /** Bytes held now. */
  held = 0;
  readonly #maxBytes: number;
  readonly #maxHeldBytes: number;

  constructor({ maxBytes, maxHeldBytes }: { maxBytes: number; maxHeldBytes: number }) {
    this.#maxBytes = maxBytes;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** What one request holds. */
  open(): Body {
    let bytes = 0;
    return {
      read: async (stream) => {
        const chunks: Buffer[] = [];
        for await (const chunk of whole(stream)) {
          bytes += chunk.length;
          this.held += chunk.length;
          if (bytes > this.#maxBytes) throw this.tooLarge();
          if (this.held > this.#maxHeldBytes) {
            throw new ServiceError(503, 'out_of_memory', 'too many bytes are waiting; try again', { retryAfter: 1 });
          }
          chunks.push(chunk);
        }
        return Buffer.concat(chunks);
      },
      release: () => {
        this.held -= bytes;
        bytes = 0;
      },
    };
  }

  tooLarge(): ServiceError {
    return new ServiceError(413, 'too_large', `a request may have ${this.#maxBytes} bytes`);
  }
}

export interface Body {
  /** @throws ServiceError 413 as soon as it is too large, 503 where all bodies together are */
  read(stream: Readable): Promise<Buffer>;
  release(): void;
}

/** The stream's chunks. @throws ServiceError where the client goes away within it */
async function* whole(stream: Readable): AsyncGenerator<Buffer> {
  try {
    // what is left of a body that is refused is read and not kept; see http.ts
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    throw new ServiceError(499, 'gone', 'the client closed the connection', { cause: error });
  }
}
