// `wgrad doctor`: says what was found on this machine, what is missing, and the command that gets it.
import { type AdapterReport, type Examination, examineMachine } from './examineMachine.ts';

/**
 * Prints the state of this machine to stdout, as text or as one JSON object.
 *
 * @returns the exit code: 0, or 1 when wgrad finds no adapter to run on.
 */
export async function doctor({ json = false } = {}): Promise<number> {
  const examination = await examineMachine();
  console.log(json ? JSON.stringify(examination) : describe(examination));
  return examination.chosen === null ? 1 : 0;
}

function describe(found: Examination): string {
  const sections = [
    ['Machine', [`Node.js ${found.node} on ${found.platform}`, `kept files: ${found.cacheFolder}`]],
    ['Adapters', found.adapters.flatMap((adapter, index) => describeAdapter(adapter, index === found.chosen))],
    ['Vulkan', [`loader: ${found.vulkanLoader ?? 'none'}`, ...found.drivers.map((path) => `driver: ${path}`)]],
    ['Packages', Object.entries(found.packages).map(([name, version]) => `${name} ${version ?? 'missing'}`)],
    ['Environment', Object.entries(found.environment).map(([name, value]) => `${name}=${value}`)],
    ['Data', found.data.sets.map(({ name, folder }) => `${name}: ${folder ?? 'not found'}`)],
    ['Missing', found.missing.map(({ what, remedy }) => `${what}: ${remedy}`)],
  ] as const;
  return sections.map(([title, lines]) => `${title}\n${indent(lines.length > 0 ? lines : ['none'])}`).join('\n');
}

function describeAdapter(adapter: AdapterReport, isChosen: boolean): string[] {
  const { kind, vendor, architecture, device, description, driverVersion, subgroupSizes, features, limits } = adapter;
  const [smallest, largest] = subgroupSizes;
  return [
    `${isChosen ? '*' : ' '} ${kind}: ${description || device}${isChosen ? '   (used by default)' : ''}`,
    `    vendor ${vendor}, architecture ${architecture}, device ${device}, driver ${driverVersion ?? 'unknown'}`,
    `    subgroups of ${smallest === largest ? smallest : `${smallest} to ${largest}`}`,
    ...Object.entries(limits).map(([name, value]) => `    ${name} ${name.endsWith('Size') ? size(value) : value}`),
    `    features: ${features.join(', ')}`,
  ];
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10)));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`;
}

function indent(lines: readonly string[]): string {
  return lines
    .flatMap((line) => line.split('\n'))
    .map((line) => `  ${line}`)
    .join('\n');
}
