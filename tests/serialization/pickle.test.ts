// The machine that reads pickles, instruction by instruction: what torch.save does not write, Python 2 did, and lies.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MoreBytesNeeded } from '../../engine/serialization/pickle/pickleReader.ts';
import { PickleGlobal, type Tuple } from '../../engine/serialization/pickle/pickleValue.ts';
import { unpickle } from '../../engine/serialization/pickle/unpickle.ts';
import { torchWorld } from '../../engine/serialization/pytorch/allowList.ts';
import { FormatError } from '../../kernels/errors.ts';

const test = suite('pickle');

const values: [what: string, pickle: (string | number)[], value: unknown][] = [
  ['Python 2 integers beyond 32 bits', ['I5000000000\n'], 5_000_000_000],
  ['Python 2 booleans', ['I01\n'], true],
  ['Python 2 texts', ['U', 2, 'ab'], 'ab'],
  ['Python 2 texts that are no UTF-8', ['T', 2, 0, 0, 0, 0xff, 'b'], '\u00ffb'],
  ['negative numbers', ['J', 0xfe, 0xff, 0xff, 0xff], -2],
  ['long integers', [0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], 2n ** 64n],
  ['negative long integers', [0x8a, 1, 0xff], -1],
  ['an integer of no bytes', [0x8a, 0], 0],
  ['floats, most significant byte first', ['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
  ['lists, dicts and tuples', ['}', 'U', 1, 'a', ']', 'K', 1, 'a', 's'], new Map([['a', [1]]])],
  ['values from the memo', [']', 'q', 0, '0', 'h', 0], []],
  ['protocol 4 with its frames', [0x80, 4, 0x95, 2, 0, 0, 0, 0, 0, 0, 0, 'K', 7], 7],
  ['sets', [0x8f, '(', 'K', 1, 'K', 2, 0x90], new Set([1, 2])],
  ['sets of protocol 2', ['c__builtin__\nset\n', ']', 'K', 3, 'a', 0x85, 'R'], new Set([3])],
  [
    'bytes of protocol 2',
    ['c_codecs\nencode\n', 'X', 2, 0, 0, 0, 0xc3, 0xbf, 'U', 6, 'latin1', 0x86, 'R'],
    Uint8Array.of(255),
  ],
  [
    'OrderedDicts of pairs',
    ['ccollections\nOrderedDict\n', ']', ']', 'U', 1, 'k', 'a', 'K', 1, 'a', 'a', 0x85, 'R'],
    new Map([['k', 1]]),
  ],
];
for (const [what, parts, value] of values) {
  test(`${what} are read`, () => {
    const read = run([...parts, '.']);
    assert.equal(read instanceof Map ? new Map(read) : read, value);
  });
}

test('a tuple is no list, and a global no function', () => {
  assert.equal((run([')', '.']) as Tuple).items, []);
  assert.instance(run(['ctorch\nfloat32\n', '.']), PickleGlobal);
});

const refused: [what: string, pickle: (string | number)[], message: RegExp][] = [
  [
    'a command',
    ['cos\nsystem\n', 'U', 2, 'ls', 0x85, 'R', '.'],
    /at byte 100: the pickle refers to os\.system, .*not run/,
  ],
  ['eval', ['c__builtin__\neval\n', '.'], /__builtin__\.eval/],
  ['a global named by the stack', [0x8c, 2, 'os', 0x8c, 6, 'system', 0x93, '.'], /at byte 112: .*os\.system/],
  ['a method of an allowed global', ['ccollections\nOrderedDict.clear\n', '.'], /collections\.OrderedDict\.clear/],
  ['a name of objects', ['c\nconstructor\n', '.'], /refers to \.constructor/],
  ['calling a value', [']', ')', 'R', '.'], /calls list/],
  ['calling what is only mentioned', ['ctorch\nTensor\n', ')', 'R', '.'], /calls torch\.Tensor/],
  ['arguments that are no tuple', ['ctorch\nSize\n', ']', 'R', '.'], /torch\.Size is called with list/],
  ['a state on a dict', ['}', '}', 'b', '.'], /a state is set on dict/],
  ['objects of old classes', ['(', 'ios\nsystem\n', '.'], /instruction 0x69/],
  ['the extension registry', [0x82, 1, '.'], /instruction 0x82/],
  ['an unknown instruction', [0xff], /at byte 100: instruction 0xff/],
  ['protocol 6', [0x80, 6, '.'], /pickle protocol 6; 2 to 5 are read/],
  ['an empty stack', ['.'], /the stack is empty/],
  ['too few values', ['K', 1, 0x86, '.'], /the stack has 1 values, 2 are needed/],
  ['a missing mark', ['t', '.'], /there is no mark/],
  ['a key without a value', ['}', '(', 'K', 1, 'u', '.'], /a key without a value/],
  ['items of no list', ['}', 'K', 1, 'a', '.'], /appended to dict/],
  ['an unwritten memo', ['h', 3, '.'], /memo 3 is read before it was written/],
  ['no end', ['N'], /at byte 101: the pickle needs 1 more bytes here, 0 are left/],
  ['a text of 2^60 bytes', [0x8d, 0, 0, 0, 0, 0, 0, 0, 0x10, 'a', '.'], /needs 11529215046068\d+ more bytes/],
  ['bytes of 4 GiB', ['B', 255, 255, 255, 255, '.'], /needs 4294967295 more bytes here, 1 are left/],
  ['a frame of 2^60 bytes', [0x95, 0, 0, 0, 0, 0, 0, 0, 0x10, '.'], /needs 11529215046068\d+ more bytes/],
  ['an integer of 2 GiB', [0x8b, 255, 255, 255, 127, '.'], /an integer of 2147483647 bytes/],
  ['a text that is no UTF-8', [0x8c, 1, 0xff, '.'], /at byte 102: a text that is no UTF-8/],
  ['an endless line', ['c', 'a'.repeat(2000), '\n.'], /a line of more than 1024 bytes/],
  ['a storage of no type', ['(', 'U', 7, 'storage', 'U', 1, 'f', 't', 'Q', '.'], /a storage of type str/],
  [
    'a negative offset',
    [...storage(), 'J', 255, 255, 255, 255, ')', ')', 't', 'R', '.'],
    /_rebuild_tensor: the offset: given -1, expected a whole number/,
  ],
  [
    'texts that double until no memory holds them',
    [
      'U',
      2,
      'ab',
      ...Array.from({ length: 30 }, () => ['q', 0, '0cpathlib\nPosixPath\n', 'h', 0, 'h', 0, 0x86, 'R']).flat(),
      '.',
    ],
    /more than 8000000 instructions and copied values/,
  ],
  [
    'an array whose shape holds lists',
    [
      'cnumpy.core.multiarray\n_reconstruct\n',
      ')R',
      '(K',
      1,
      ']',
      0x85,
      'cnumpy\ndtype\n',
      'U',
      2,
      'f8',
      0x85,
      'R',
      't',
      'b.',
    ],
    /the shape of a numpy\.ndarray/,
  ],
  [
    'a rebuilding of a rebuilding',
    ['ctorch._tensor\n_rebuild_from_type_v2\n', 'q', 0, 'h', 0, 'N', ')', 0x87, 'R', '.'],
    /_rebuild_from_type_v2: a call of itself/,
  ],
  ['a stride too few', [...storage(), 'K', 0, 'K', 1, 0x85, ')', 't', 'R', '.'], /1 extents and 0 strides/],
];
for (const [what, parts, message] of refused) {
  test(`${what}: refused by file, entry and byte`, () => {
    assert.throws(
      () => run(parts),
      (error: Error) =>
        error instanceof FormatError &&
        /^a\.pth: data\.pkl: at byte \d+: /.test(error.message) &&
        message.test(error.message),
    );
  });
}

test('a pickle longer than the bytes at hand asks for more when the file has them', () => {
  const bytes = assemble(['X', 100, 0, 0, 0]);
  const location = { file: 'a.pth', entry: 'object', offset: 0, available: 1000 };
  assert.throws(
    () => unpickle(bytes, location, torchWorld),
    (error: Error) => error instanceof MoreBytesNeeded && error.bytes === 105,
  );
});

test('the end of the first pickle is told', () => {
  assert.is(unpickle(assemble(['N', '.', 'N', '.']), here(4), torchWorld).end, 2);
});
test.run();

/** Instructions up to a storage as the first argument of _rebuild_tensor. */
function storage(): (string | number)[] {
  return [
    'ctorch._utils\n_rebuild_tensor\n',
    '(',
    ...['(', 'U', 7, 'storage', 'ctorch\nFloatStorage\n', 'U', 1, '0', 'U', 3, 'cpu', 'K', 4, 't', 'Q'],
  ];
}

function run(parts: (string | number)[]): unknown {
  const bytes = assemble(parts);
  return unpickle(bytes, here(bytes.length), torchWorld).value;
}

function here(available: number) {
  return { file: 'a.pth', entry: 'data.pkl', offset: 100, available };
}

function assemble(parts: (string | number)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'number' ? [part] : [...Buffer.from(part, 'latin1')])),
  );
}
