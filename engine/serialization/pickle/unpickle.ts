// A restricted machine for Python's pickles (protocols 2 to 5). It runs nothing: an instruction that would call
// something looks up a stand-in on the caller's list, and anything else ends the reading.
import { Opcode } from './opcode.ts';
import { type PickleLocation, PickleReader } from './pickleReader.ts';
import { type Fail, isBuildable, PickleGlobal, Tuple, typeName } from './pickleValue.ts';

/** What the pickles of one format may refer to. */
export interface PickleWorld {
  /** The stand-in of `module.name`; undefined refuses it. */
  find(module: string, name: string): PickleGlobal | undefined;
  /** Why it was refused and what helps, as the end of a sentence. */
  explain(module: string, name: string): string;
  /** What a persistent id stands for: storages. */
  persistentLoad(id: unknown, fail: Fail): unknown;
  /** What Python 2's str of more than 255 bytes is: latin1 text (default), or its bytes, unread and uncopied. */
  readonly longStrings?: 'text' | 'bytes';
  /** Instructions, and the items and characters that calls are given, as calls copy them. Default: 8 million. */
  readonly maxSteps?: number;
}

/** Less than 2 GiB of values. */
const MAX_STEPS = 8_000_000;
const NO_VALUE = Symbol('no value');

/**
 * The first pickle in the bytes, and the position behind it.
 * @throws FormatError naming file, entry and offset
 * @throws MoreBytesNeeded when the location has more bytes than were given, and they are needed
 */
export function unpickle(
  bytes: Uint8Array,
  location: PickleLocation,
  world: PickleWorld,
): { value: unknown; end: number } {
  const machine = new Machine(new PickleReader(bytes, location), world);
  return machine.run();
}

class Machine {
  readonly #reader: PickleReader;
  readonly #world: PickleWorld;
  readonly #memo = new Map<number, unknown>();
  readonly #marked: unknown[][] = [];
  #stack: unknown[] = [];
  /** Of the instruction that is carried out. */
  #start = 0;
  readonly #maxSteps: number;
  #stepsLeft: number;

  constructor(reader: PickleReader, world: PickleWorld) {
    this.#reader = reader;
    this.#world = world;
    this.#maxSteps = world.maxSteps ?? MAX_STEPS;
    this.#stepsLeft = this.#maxSteps;
  }

  run(): { value: unknown; end: number } {
    for (;;) {
      this.#start = this.#reader.position;
      this.#spend(1);
      const opcode = this.#reader.uint8();
      if (opcode === Opcode.STOP) return { value: this.#pop(), end: this.#reader.position };
      this.#step(opcode);
    }
  }

  /** A small pickle can copy a large value any number of times. */
  #spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw this.#fail(`more than ${this.#maxSteps} instructions and copied values`);
  }

  /** Carries one instruction out: most push a value, the others change what is there. */
  #step(opcode: number): void {
    const value = this.#value(opcode);
    if (value === NO_VALUE) this.#change(opcode);
    else this.#stack.push(value);
  }

  #value(opcode: number): unknown {
    const reader = this.#reader;
    switch (opcode) {
      case Opcode.NONE:
        return null;
      case Opcode.NEWTRUE:
        return true;
      case Opcode.NEWFALSE:
        return false;
      case Opcode.INT:
        return this.#decimal(reader.line());
      case Opcode.BININT:
        return reader.int32();
      case Opcode.BININT1:
        return reader.uint8();
      case Opcode.BININT2:
        return reader.uint16();
      case Opcode.LONG1:
        return reader.integer(reader.uint8());
      case Opcode.LONG4:
        return reader.integer(reader.uint32());
      case Opcode.BINFLOAT:
        return reader.float64();
      case Opcode.BINSTRING:
        return this.#world.longStrings === 'bytes' ? reader.take(reader.uint32()) : reader.latin1(reader.uint32());
      case Opcode.SHORT_BINSTRING:
        return reader.latin1(reader.uint8());
      case Opcode.BINUNICODE:
        return reader.text(reader.uint32());
      case Opcode.SHORT_BINUNICODE:
        return reader.text(reader.uint8());
      case Opcode.BINUNICODE8:
        return reader.text(reader.uint64());
      case Opcode.BINBYTES:
        return reader.take(reader.uint32());
      case Opcode.SHORT_BINBYTES:
        return reader.take(reader.uint8());
      case Opcode.BINBYTES8:
      case Opcode.BYTEARRAY8:
        return reader.take(reader.uint64());
      case Opcode.EMPTY_LIST:
        return [];
      case Opcode.LIST:
        return this.#popMark();
      case Opcode.EMPTY_TUPLE:
        return new Tuple([]);
      case Opcode.TUPLE:
        return new Tuple(this.#popMark());
      case Opcode.TUPLE1:
      case Opcode.TUPLE2:
      case Opcode.TUPLE3:
        return new Tuple(this.#popMany(opcode - Opcode.TUPLE1 + 1));
      case Opcode.EMPTY_DICT:
        return new Map();
      case Opcode.DICT:
        return this.#setItems(new Map(), this.#popMark());
      case Opcode.EMPTY_SET:
        return new Set();
      case Opcode.FROZENSET:
        return new Set(this.#popMark());
      case Opcode.GLOBAL:
        return this.#global(reader.line(), reader.line());
      case Opcode.STACK_GLOBAL: {
        const [module, name] = this.#popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') throw this.#fail('a global whose name is no text');
        return this.#global(module, name);
      }
      case Opcode.REDUCE:
      case Opcode.NEWOBJ: {
        const [callable, args] = this.#popMany(2);
        return this.#called(callable, args);
      }
      case Opcode.NEWOBJ_EX: {
        const [callable, args, keywords] = this.#popMany(3);
        if (!(keywords instanceof Map) || keywords.size) throw this.#fail('an object made with keyword arguments');
        return this.#called(callable, args);
      }
      case Opcode.BINPERSID:
        return this.#world.persistentLoad(this.#pop(), (message) => this.#fail(message));
      case Opcode.BINGET:
        return this.#remembered(reader.uint8());
      case Opcode.LONG_BINGET:
        return this.#remembered(reader.uint32());
      case Opcode.DUP:
        return this.#top();
      default:
        return NO_VALUE;
    }
  }

  #change(opcode: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case Opcode.PROTO:
        this.#checkProtocol(reader.uint8());
        break;
      case Opcode.FRAME: // frames group reads; they mean nothing
        reader.uint64();
        break;
      case Opcode.MARK:
        this.#marked.push(this.#stack);
        this.#stack = [];
        break;
      case Opcode.POP: // of a mark, too, as CPython
        if (this.#stack.length) this.#pop();
        else this.#popMark();
        break;
      case Opcode.POP_MARK:
        this.#popMark();
        break;
      case Opcode.APPEND:
        this.#append([this.#pop()]);
        break;
      case Opcode.APPENDS:
        this.#append(this.#popMark());
        break;
      case Opcode.SETITEM: {
        const items = this.#popMany(2);
        this.#setItems(this.#top(), items);
        break;
      }
      case Opcode.SETITEMS: {
        const items = this.#popMark();
        this.#setItems(this.#top(), items);
        break;
      }
      case Opcode.ADDITEMS:
        this.#addItems(this.#popMark());
        break;
      case Opcode.BUILD:
        this.#build(this.#pop());
        break;
      case Opcode.BINPUT:
        this.#memo.set(reader.uint8(), this.#top());
        break;
      case Opcode.LONG_BINPUT:
        this.#memo.set(reader.uint32(), this.#top());
        break;
      case Opcode.MEMOIZE:
        this.#memo.set(this.#memo.size, this.#top());
        break;
      default:
        throw this.#fail(`instruction 0x${opcode.toString(16).padStart(2, '0')}, which torch.save does not write`);
    }
  }

  #checkProtocol(protocol: number): void {
    if (protocol < 2 || protocol > 5) throw this.#fail(`pickle protocol ${protocol}; 2 to 5 are read`);
  }

  #decimal(text: string): number | bigint | boolean {
    if (text === '00' || text === '01') return text === '01'; // Python 2's booleans
    if (!/^-?\d{1,40}$/.test(text)) throw this.#fail(`the integer ${JSON.stringify(text.slice(0, 50))}`);
    return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  }

  #append(items: unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#fail(`items are appended to ${typeName(list)}, expected a list`);
    for (const item of items) list.push(item);
  }

  #setItems(dict: unknown, items: unknown[]): Map<unknown, unknown> {
    if (!(dict instanceof Map)) throw this.#fail(`items are set in ${typeName(dict)}, expected a dict`);
    if (items.length % 2) throw this.#fail('a dict gets a key without a value');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
    return dict;
  }

  #addItems(items: unknown[]): void {
    const set = this.#top();
    if (!(set instanceof Set)) throw this.#fail(`items are added to ${typeName(set)}, expected a set`);
    for (const item of items) set.add(item);
  }

  #global(module: string, name: string): PickleGlobal {
    const found = this.#world.find(module, name);
    if (!found) throw this.#fail(`the pickle refers to ${module}.${name}, ${this.#world.explain(module, name)}`);
    return found;
  }

  #called(callable: unknown, args: unknown): unknown {
    if (!(callable instanceof PickleGlobal) || !callable.call) {
      throw this.#fail(`the pickle calls ${typeName(callable)}, which cannot be called here`);
    }
    if (!(args instanceof Tuple))
      throw this.#fail(`${callable.name} is called with ${typeName(args)}, expected a tuple`);
    this.#spend(args.items.reduce<number>((sum, item) => sum + lengthOf(item), 0));
    return callable.call(args.items, (message) => this.#fail(`${callable.name}: ${message}`));
  }

  #build(state: unknown): void {
    const target = this.#top();
    if (!isBuildable(target)) throw this.#fail(`a state is set on ${typeName(target)}, which takes none here`);
    this.#spend(lengthOf(state));
    target.build(state, (message) => this.#fail(message));
  }

  #remembered(index: number): unknown {
    if (!this.#memo.has(index)) throw this.#fail(`memo ${index} is read before it was written`);
    return this.#memo.get(index);
  }

  #top(): unknown {
    if (!this.#stack.length) throw this.#fail('the stack is empty');
    return this.#stack[this.#stack.length - 1];
  }

  #pop(): unknown {
    const value = this.#top();
    this.#stack.length--;
    return value;
  }

  #popMany(count: number): unknown[] {
    if (this.#stack.length < count) throw this.#fail(`the stack has ${this.#stack.length} values, ${count} are needed`);
    return this.#stack.splice(this.#stack.length - count);
  }

  /** Everything above the last mark. */
  #popMark(): unknown[] {
    const below = this.#marked.pop();
    if (!below) throw this.#fail('there is no mark');
    const items = this.#stack;
    this.#stack = below;
    return items;
  }

  #fail(message: string): Error {
    return this.#reader.fail(message, this.#start);
  }
}

/** Items or characters of a value; 0 for those that have none. */
function lengthOf(value: unknown): number {
  if (value instanceof Map || value instanceof Set) return value.size;
  if (value instanceof Tuple) return value.items.length;
  return typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array ? value.length : 0;
}
