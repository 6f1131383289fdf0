// Pickles by their instructions: moved, repeated, left out, put in, and with other names of globals.
// https://github.com/python/cpython/blob/3.12/Lib/pickletools.py
import type { Random } from '../../../../datasets/random.ts';
import { below, pick } from '../random.ts';
import type { Mutator } from '../target.ts';
import { changeBytes, joined } from './bytes.ts';

/** Bytes behind the opcode: so many, up to the end of a line or of two, or a count of 1, 4 or 8 bytes and as many. */
type Argument = number | 'line' | 'two lines' | 'count1' | 'count4' | 'count8';

const ARGUMENTS: Readonly<Record<number, Argument>> = {
  128: 1, // PROTO
  149: 8, // FRAME
  73: 'line', // INT
  76: 'line', // LONG
  70: 'line', // FLOAT
  83: 'line', // STRING
  86: 'line', // UNICODE
  80: 'line', // PERSID
  103: 'line', // GET
  112: 'line', // PUT
  74: 4, // BININT
  75: 1, // BININT1
  77: 2, // BININT2
  138: 'count1', // LONG1
  139: 'count4', // LONG4
  71: 8, // BINFLOAT
  84: 'count4', // BINSTRING
  85: 'count1', // SHORT_BINSTRING
  88: 'count4', // BINUNICODE
  140: 'count1', // SHORT_BINUNICODE
  141: 'count8', // BINUNICODE8
  66: 'count4', // BINBYTES
  67: 'count1', // SHORT_BINBYTES
  142: 'count8', // BINBYTES8
  150: 'count8', // BYTEARRAY8
  99: 'two lines', // GLOBAL
  105: 'two lines', // INST
  113: 1, // BINPUT
  114: 4, // LONG_BINPUT
  104: 1, // BINGET
  106: 4, // LONG_BINGET
  130: 1, // EXT1
  131: 2, // EXT2
  132: 4, // EXT4
};
const STOP = 46;
const GLOBAL = 99;
const INST = 105;

/** Every opcode of protocols 0 to 5. */
const OPCODES: readonly number[] = [
  ...Array.from('().0122NIJKMLFTUSXVBC]alett}dusPQcRbighjpqrFGo', (character) => character.charCodeAt(0)),
  ...Array.from({ length: 0x98 - 0x80 + 1 }, (_, i) => 0x80 + i),
];

/** What an attack would name, and what the readers know. */
const GLOBALS: readonly string[] = [
  ...['os\nsystem', 'posix\nsystem', 'nt\nsystem', 'builtins\neval', 'builtins\nexec', '__builtin__\neval'],
  ...['builtins\ngetattr', 'builtins\n__import__', 'subprocess\nPopen', 'torch.nn.modules.conv\nConv2d', 'torch\nload'],
  ...['torch.nn\nModule.forward', 'operator\nattrgetter', 'functools\npartial', 'constructor\nconstructor'],
  ...['\n__proto__', '__proto__\nx', 'toString\n', 'collections\nOrderedDict', 'collections\ndefaultdict'],
  ...['collections\nCounter', 'torch._utils\n_rebuild_tensor_v2', 'torch._utils\n_rebuild_tensor_v3', 'torch\nSize'],
  ...['torch._utils\n_rebuild_parameter', 'torch._tensor\n_rebuild_from_type_v2', 'torch\nFloatStorage'],
  ...['torch\nHalfStorage', 'torch\nfloat32', 'torch\nqint8', 'torch\nUntypedStorage', 'torch\ndevice'],
  ...['_codecs\nencode', 'numpy\ndtype', 'numpy\nndarray', 'numpy.core.multiarray\nscalar', 'builtins\nint'],
  ...['numpy.core.multiarray\n_reconstruct', 'builtins\nset', 'builtins\nlist', 'builtins\ntuple', 'builtins\ndict'],
  ...['builtins\nbytes', 'builtins\nbytearray', 'argparse\nNamespace', 'pathlib\nPosixPath', 'builtins\nfrozenset'],
];

/** Of a file that is one or more pickles, and maybe other bytes behind them. */
export const mutatePickle: Mutator = (bytes, random) => {
  const { instructions, end } = instructionsOf(bytes);
  if (instructions.length === 0) return bytes;
  for (let left = pick(random, [1, 1, 1, 2, 3]); left > 0; left--) changeInstructions(instructions, random);
  return joined(...instructions, bytes.subarray(end));
};

function changeInstructions(instructions: Uint8Array[], random: Random): void {
  const at = below(random, instructions.length);
  const other = instructions[below(random, instructions.length)] ?? new Uint8Array();
  const here = instructions[at] ?? new Uint8Array();
  switch (below(random, 10)) {
    case 0:
      instructions.splice(at, 1);
      break;
    case 1:
      instructions.splice(at, 0, other);
      break;
    case 2:
      instructions[at] = other;
      break;
    case 3: {
      const copied = instructions.slice(at, at + 1 + below(random, 20));
      const copies = Array.from({ length: pick(random, [1, 2, 100]) }, () => copied);
      instructions.splice(at, 0, ...copies.flat());
      break;
    }
    case 4:
    case 5:
      instructions.splice(at, below(random, 2), newInstruction(random));
      break;
    case 6: {
      const globals = instructions.flatMap((each, i) => (each[0] === GLOBAL ? [i] : []));
      instructions[globals.length ? pick(random, globals) : at] = globalInstruction(random);
      break;
    }
    case 7:
      if (here.length > 1) instructions[at] = joined(here.subarray(0, 1), changeBytes(here.subarray(1), random));
      break;
    case 8: // the opcode alone
      instructions[at] = joined(Uint8Array.of(pick(random, OPCODES)), here.subarray(1));
      break;
    default:
      instructions.splice(at, 1 + below(random, 10));
  }
}

function globalInstruction(random: Random): Uint8Array {
  const opcode = pick(random, [GLOBAL, GLOBAL, GLOBAL, INST]);
  return joined(Uint8Array.of(opcode), new TextEncoder().encode(`${pick(random, GLOBALS)}\n`));
}

function newInstruction(random: Random): Uint8Array {
  const opcode = pick(random, OPCODES);
  const argument = ARGUMENTS[opcode] ?? 0;
  const content = Uint8Array.from({ length: below(random, 6) }, () => below(random, 128));
  const line = Uint8Array.of(48 + below(random, 10), 10);
  const given = {
    line,
    'two lines': new TextEncoder().encode(`${pick(random, GLOBALS)}\n`),
    count1: joined(Uint8Array.of(content.length), content),
    count4: joined(Uint8Array.of(content.length, 0, 0, 0), content),
    count8: joined(Uint8Array.of(content.length, 0, 0, 0, 0, 0, 0, 0), content),
  };
  if (typeof argument === 'string') return joined(Uint8Array.of(opcode), given[argument]);
  return Uint8Array.from({ length: 1 + argument }, (_, i) =>
    i === 0 ? opcode : below(random, pick(random, [4, 256])),
  );
}

/** Up to the end of the last pickle that follows another without a gap. */
export function instructionsOf(bytes: Uint8Array): { instructions: Uint8Array[]; end: number } {
  const instructions: Uint8Array[] = [];
  let at = 0;
  let last = { count: 0, end: 0 };
  while (at < bytes.length) {
    const isBegin = last.count === instructions.length;
    if (isBegin && bytes[at] !== 0x80) break;
    const length = 1 + argumentBytes(bytes, at);
    if (!(at + length <= bytes.length)) break;
    instructions.push(bytes.slice(at, at + length));
    at += length;
    if (bytes[at - length] === STOP) last = { count: instructions.length, end: at };
  }
  return { instructions: instructions.slice(0, last.count), end: last.end };
}

function argumentBytes(bytes: Uint8Array, at: number): number {
  const argument = ARGUMENTS[bytes[at]!] ?? 0;
  if (typeof argument === 'number') return argument;
  if (argument === 'line' || argument === 'two lines') {
    const first = bytes.indexOf(10, at + 1);
    const end = argument === 'line' || first < 0 ? first : bytes.indexOf(10, first + 1);
    return end < 0 ? Number.NaN : end - at;
  }
  const width = Number(argument.slice(5));
  if (at + 1 + width > bytes.length) return Number.NaN;
  let count = 0;
  for (let i = width; i > 0; i--) count = 256 * count + bytes[at + i]!;
  return width + count;
}
