// Writes pickles of protocol 2, with the instructions that PyTorch's restricted unpickler knows: no floats, no memo.
import { Opcode } from './opcode.ts';

export class PickleWriter {
  readonly #bytes: number[] = [Opcode.PROTO, 2];

  /** Instructions without arguments. */
  do(...opcodes: readonly number[]): this {
    this.#bytes.push(...opcodes);
    return this;
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    this.#number(Opcode.BINUNICODE, bytes.length, 4);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** @param value a whole number from 0 */
  int(value: number): this {
    if (value < 2 ** 8) return this.#number(Opcode.BININT1, value, 1);
    if (value < 2 ** 16) return this.#number(Opcode.BININT2, value, 2);
    if (value < 2 ** 31) return this.#number(Opcode.BININT, value, 4);
    this.#bytes.push(Opcode.LONG1);
    return this.#number(8, value, 8);
  }

  /** A class or function by name. */
  global(module: string, name: string): this {
    this.#bytes.push(Opcode.GLOBAL, ...new TextEncoder().encode(`${module}\n${name}\n`));
    return this;
  }

  /** @param write puts the items */
  tuple(write: () => void): this {
    this.do(Opcode.MARK);
    write();
    return this.do(Opcode.TUPLE);
  }

  ints(values: readonly number[]): this {
    return this.tuple(() => {
      for (const value of values) this.int(value);
    });
  }

  /** An empty OrderedDict. */
  orderedDict(): this {
    return this.global('collections', 'OrderedDict').do(Opcode.EMPTY_TUPLE, Opcode.REDUCE);
  }

  /** Puts pairs of keys and values that `write` puts into the dict before them. */
  items(write: () => void): this {
    this.do(Opcode.MARK);
    write();
    return this.do(Opcode.SETITEMS);
  }

  /** Ends the pickle. */
  finish(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from([...this.#bytes, Opcode.STOP]);
  }

  #number(opcode: number, value: number, width: number): this {
    this.#bytes.push(opcode);
    for (let i = 0, rest = value; i < width; i++, rest = Math.floor(rest / 256)) this.#bytes.push(rest % 256);
    return this;
  }
}
