// Whether kernels compute in Chromium what they compute in Node, bit for bit, both on SwiftShader: every case of every
// room by every variant, and a training run. Prints a line for each room and a table of what differs.
//
//   node --import tsx tests/browser/agreement.ts [--cases=N] [room…]
import { textTable } from '../../cli/textTable.ts';
import { registry } from '../../kernels/registry.ts';
import { compareWithNode } from './agreement/compareWithNode.ts';

const options = process.argv.slice(2);
const cases = Number(/^--cases=(\d+)$/.exec(options.find((option) => option.startsWith('--')) ?? '--cases=1000')?.[1]);
if (!(cases > 0)) fail('there is the option --cases=N, and names of rooms');
const rooms = options.filter((option) => !option.startsWith('--'));
const unknown = rooms.find((name) => !registry.some(({ operation }) => operation.name === name));
if (unknown) fail(`there is no room ${unknown}`);

const { parts, browser, node } = await compareWithNode({
  ...(rooms.length > 0 && { rooms }),
  cases,
  onPart: ({ name, tensors, differences }) => {
    console.log(`${name}: ${tensors - differences.length} of ${tensors} tensors are the same bits`);
  },
});
const differences = parts.flatMap((part) => part.differences);
if (differences.length > 0) {
  const rows = differences.map(({ room, kase, tensor, differing, values, largestUlp }) => [
    `${room}: ${kase}`,
    tensor,
    `${differing} of ${values}`,
    String(largestUlp),
  ]);
  console.log(`\n${textTable([['case', 'tensor', 'values that differ', 'largest, in ulp'], ...rows])}`);
}
console.log(
  browser === node
    ? `\nBoth devices say of themselves: ${node}`
    : `\nThe devices differ, so other kernels may run:\n  browser ${browser}\n  Node    ${node}`,
);
const tensors = parts.reduce((sum, part) => sum + part.tensors, 0);
console.log(`${tensors - differences.length} of ${tensors} tensors are the same bits in Chromium and in Node`);
process.exitCode = differences.length > 0 ? 1 : 0;

function fail(message: string): never {
  console.error(`agreement: ${message}`);
  process.exit(2);
}
