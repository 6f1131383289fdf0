// Runs the test suites in headless Chromium with WebGPU, each in a page of its own, and prints what tests/run.ts prints.
//
//   npm run test:browser -- [--quick] [part of a path…]      --quick: the short form that `npm test` runs
//
// WGRAD_CHROMIUM names another browser than the packaged one; WGRAD_DRAWS, WGRAD_CASES, WGRAD_SEED and ROOM mean what
// they mean in Node.
import { failedSuites, type SuiteResult, suiteLines, suiteResult, totalLines } from '../suiteResult.ts';
import { runSuites } from './runSuites.ts';
import { browserSuites, ofNode, shortForm } from './suiteTable.ts';

const passedOn = ['WGRAD_CASES', 'WGRAD_DRAWS', 'WGRAD_SEED', 'ROOM'];

const options = process.argv.slice(2);
const parts = options.filter((option) => !option.startsWith('--'));
const unknown = options.find((option) => option.startsWith('--') && option !== '--quick');
if (unknown) fail(`unknown option ${unknown}; there is --quick, and parts of suites' paths`);
const isQuick = options.includes('--quick');
const isAsked = (path: string) => parts.length === 0 || parts.some((part) => path.includes(part));
const suites = (isQuick ? shortForm.suites : browserSuites()).filter(isAsked);
if (suites.length === 0) fail(`no suite's path holds ${parts.join(' or ')}`);

const given = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
const environment = { ...(isQuick ? shortForm.environment : {}), ...given };
const results: SuiteResult[] = [];
for await (const { path, seconds, ...end } of runSuites(suites, { environment })) {
  const result = suiteResult(end);
  results.push(result);
  console.log(suiteLines(path, { result, output: end.output, seconds }));
}
if (!isQuick) {
  for (const [path, reason] of Object.entries(ofNode))
    if (isAsked(path)) console.log(`     ${path} is of Node: ${reason}`);
}
console.log(totalLines(results));
process.exitCode = failedSuites(results) > 0 ? 1 : 0;

function fail(message: string): never {
  console.error(`tests: ${message}`);
  process.exit(2);
}
