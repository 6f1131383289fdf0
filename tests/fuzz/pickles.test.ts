// Pickles that name or call what is not on the list: refused by both machines, by whatever instruction, and nothing runs.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pickledFile } from '../../datasets/cifarPickle.ts';
import { unpickle } from '../../engine/serialization/pickle/unpickle.ts';
import { torchWorld } from '../../engine/serialization/pytorch/allowList.ts';
import { FormatError } from '../../kernels/errors.ts';
import { watchExecutions } from './readers/executions.ts';

const test = suite('hostile pickles');
const folder = mkdtempSync(join(tmpdir(), 'wgrad-pickles-'));
/** What the commands of these pickles would make. */
const canary = join(folder, 'ran');
const executions = watchExecutions();
test.after(() => rmSync(folder, { recursive: true, force: true }));

type Parts = readonly (string | number)[];

const text = (value: string): Parts => ['X', value.length, 0, 0, 0, value];
const global = (name: string): Parts => {
  const at = name.lastIndexOf('.');
  return ['c', `${name.slice(0, at)}\n${name.slice(at + 1)}\n`];
};
const command = text(`touch ${canary}`);

const CALLABLES = [
  ...['os.system', 'posix.system', 'nt.system', 'os.popen', 'subprocess.Popen', 'subprocess.check_output', 'pty.spawn'],
  ...['builtins.eval', 'builtins.exec', 'builtins.compile', 'builtins.open', 'builtins.__import__', 'builtins.getattr'],
  ...['__builtin__.eval', '__builtin__.apply', 'importlib.import_module', 'runpy.run_path', 'operator.attrgetter'],
  ...['functools.partial', 'types.FunctionType', 'types.CodeType', 'marshal.loads', 'pickle.loads', '_pickle.loads'],
  ...['torch.load', 'torch.hub.load', 'torch.jit.load', 'torch.nn.modules.linear.Linear', 'torch.nn.Module.forward'],
  ...['torch.nn.Linear.forward', 'torch.storage._load_from_bytes', 'torch._utils._rebuild_tensor_v2.__globals__'],
  ...[
    'torch.serialization.load',
    'numpy.load',
    'numpy.testing._private.utils.runstring',
    'ctypes.CDLL',
    'socket.socket',
  ],
  ...[
    'webbrowser.open',
    'collections.OrderedDict.__reduce__',
    'collections.OrderedDict.__init__.__globals__',
    'sys.exit',
  ],
  ...[
    '.constructor',
    '__proto__.constructor',
    'constructor.constructor',
    'toString.call',
    'Function.prototype',
    'process.exit',
  ],
];

/** Each way that Python has of calling or making something by a name. */
const WAYS: readonly [instruction: string, pickle: (name: string) => Parts][] = [
  ['GLOBAL alone', (name) => [...global(name), '.']],
  ['GLOBAL and REDUCE', (name) => [...global(name), ...command, 0x85, 'R', '.']],
  ['STACK_GLOBAL and REDUCE', (name) => [...stackGlobal(name), ...command, 0x85, 'R', '.']],
  ['NEWOBJ', (name) => [...global(name), ...command, 0x85, 0x81, '.']],
  ['NEWOBJ_EX', (name) => [...global(name), ...command, 0x85, '}', 0x92, '.']],
  ['INST', (name) => ['(', ...command, 'i', global(name)[1]!, '.']],
  ['OBJ', (name) => ['(', ...global(name), ...command, 'o', '.']],
  ['BUILD', (name) => [...global(name), '}', ...text('__setstate__'), ...command, 's', 'b', '.']],
  ['inside of a state dict', (name) => ['}', ...text('weight'), ...global(name), ...command, 0x85, 'R', 's', '.']],
  [
    'as an argument of an allowed call',
    (name) => [...global('collections.OrderedDict'), ...global(name), 0x85, 'R', '.'],
  ],
  ['as a defaultdict factory', (name) => [...global('collections.defaultdict'), ...global(name), 0x85, 'R', '.']],
];

for (const [instruction, pickle] of WAYS) {
  test(`${instruction}: ${CALLABLES.length} names that are not on the list are refused by both machines`, () => {
    for (const name of CALLABLES) {
      refuses(`${instruction} of ${name}`, pickle(name));
    }
  });
}

test('the extension registry, persistent ids of text and out-of-band buffers are refused', () => {
  const others: readonly [string, Parts][] = [
    ['EXT1', [0x82, 1, '.']],
    ['EXT2', [0x83, 1, 0, '.']],
    ['EXT4', [0x84, 1, 0, 0, 0, '.']],
    ['PERSID', ['P', `os.system\n`, '.']],
    ['BINPERSID of a text', [...text('os.system'), 'Q', '.']],
    ['NEXT_BUFFER', [0x97, '.']],
    ['READONLY_BUFFER', ['}', 0x98, '.']],
  ];
  for (const [what, parts] of others) refuses(what, parts);
});

test('allowed globals are not called with what they would run, and values are no functions', () => {
  const others: readonly [string, Parts][] = [
    ['a result called', [...global('collections.OrderedDict'), ')', 'R', ...command, 0x85, 'R', '.']],
    ['a text called', [...text('eval'), ...command, 0x85, 'R', '.']],
    ['a type called that is only mentioned', [...global('builtins.object'), ...command, 0x85, 'R', '.']],
    [
      'a rebuild function that is a text',
      [...global('torch._tensor._rebuild_from_type_v2'), ...text('eval'), 'N', ')', 'N', ...[0x28], '0', 't', 'R', '.'],
    ],
    [
      'a rebuild function of a rebuild function',
      [
        ...global('torch._tensor._rebuild_from_type_v2'),
        ...['(', ...global('torch._tensor._rebuild_from_type_v2'), 'N', ')', 'N', 't', 'R', '.'],
      ],
    ],
    ['codecs other than latin1', [...global('_codecs.encode'), ...command, ...text('os.system'), 0x86, 'R', '.']],
  ];
  for (const [what, parts] of others) refuses(what, parts);
});

test('names of JavaScript as keys and attributes stay data', () => {
  const state: Parts = ['}', ...text('__proto__'), '}', ...text('polluted'), 'K', 1, 's', 's'];
  const parts: Parts = [...global('argparse.Namespace'), ')', 'R', ...state, 'b', '.'];
  const { value } = unpickle(bytesOf(parts), locationOf(bytesOf(parts)), torchWorld);
  assert.instance(value, Map);
  assert.ok((value as Map<string, unknown>).has('__proto__'));
  assert.is(({} as Record<string, unknown>).polluted, undefined);
});

test('a watched function does refuse and tell', () => {
  // biome-ignore lint/security/noGlobalEval: that it cannot be reached is what is tested
  assert.throws(() => globalThis.eval('1'), /eval was called/);
  assert.throws(() => new Function('return 1')(), /Function was called/);
  assert.equal(executions.taken(), ['eval', 'Function']);
});

test.run();

function stackGlobal(name: string): Parts {
  const at = name.lastIndexOf('.');
  return [...text(name.slice(0, at)), ...text(name.slice(at + 1)), 0x93];
}

function refuses(what: string, parts: Parts): void {
  const bytes = bytesOf(parts);
  const machines: readonly [string, () => unknown][] = [
    ['PyTorch', () => unpickle(bytes, locationOf(bytes), torchWorld)],
    ['CIFAR', () => pickledFile({ name: 'data_batch_1', bytes }, ['labels'])],
  ];
  for (const [machine, read] of machines) {
    let refusal: unknown;
    try {
      read();
    } catch (error) {
      refusal = error;
    }
    assert.instance(refusal, FormatError, `${machine}: ${what}: ${refusal ?? 'was read'}`);
  }
  assert.equal(executions.taken(), [], what);
  assert.not.ok(existsSync(canary), `${what}: ran its command`);
}

function bytesOf(parts: Parts): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'number' ? [part] : Array.from(part, (letter) => letter.charCodeAt(0)))),
  );
}

function locationOf(bytes: Uint8Array) {
  return { file: 'a.pth', entry: 'data.pkl', offset: 0, available: bytes.length };
}
