// How yauzl reads an archive's directory here: a megabyte at a time, not the 46 bytes and the name of each entry.
import { type FileHandle, open } from 'node:fs/promises';
import { RandomAccessReader } from 'yauzl';
import { checkIsFile } from '../checkIsFile.ts';

const BLOCK_BYTES = 2 ** 20;

class BlockReader extends RandomAccessReader {
  readonly #file: FileHandle;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  /** The part of the file that the block holds. */
  #start = 0;
  #end = 0;

  constructor(file: FileHandle) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#read(buffer.subarray(offset, offset + length), position).then(
      () => callback(null),
      (error: Error) => callback(error),
    );
  }

  override close(callback: (error: Error | null) => void): void {
    this.#file.close().then(() => callback(null), callback);
  }

  async #read(target: Buffer, position: number): Promise<void> {
    for (let done = 0; done < target.length; ) {
      const at = position + done;
      if (at < this.#start || at >= this.#end) {
        const { bytesRead } = await this.#file.read(this.#block, 0, BLOCK_BYTES, at);
        if (bytesRead === 0) throw new Error('unexpected end of the file');
        [this.#start, this.#end] = [at, at + bytesRead];
      }
      done += this.#block.copy(target, done, at - this.#start, this.#end - this.#start);
    }
  }
}

/** A reader for yauzl's directory of an archive, and the archive's size; closing it closes the file. */
export async function openBlocks(archive: string): Promise<{ reader: RandomAccessReader; size: number }> {
  const size = await checkIsFile(archive);
  const file = await open(archive);
  return { reader: new BlockReader(file), size };
}
