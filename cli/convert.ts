// `wgrad convert`: a checkpoint into another format, tensor after tensor.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { openCheckpoint } from '../engine/node/checkpoint.ts';
import { formatOf, writeCheckpoint } from '../engine/node/writeCheckpoint.ts';
import { CAST_DTYPES, type CastDType, castTensors } from '../engine/serialization/castTensors.ts';
import { printable } from '../training/report/printable.ts';
import { checkFile } from './checkFile.ts';
import { dtypeCounts } from './dtypeCounts.ts';
import { keptMetadata } from './keptMetadata.ts';
import { oneLine } from './oneLine.ts';
import { UsageError } from './usageError.ts';

interface ConvertFlags {
  dtype?: CastDType;
  metadata: Record<string, string>;
  force: boolean;
}

export function convertCommand(): Command {
  return new Command('convert')
    .description('Write the weights of a checkpoint in another format: .safetensors, or .pth for PyTorch')
    .argument('<in>', 'a checkpoint of PyTorch, or safetensors')
    .argument('<out>', 'its ending names the format')
    .addOption(
      new Option('--dtype <type>', 'what floating-point tensors become (default: as they are)').choices(CAST_DTYPES),
    )
    .option('--metadata <name=text>', 'kept in the file; may be repeated', addMetadata, {})
    .option('--force', 'replace a file that is there', false)
    .action(convert);
}

async function convert(from: string, to: string, { dtype, metadata, force }: ConvertFlags): Promise<void> {
  checkFile(from, 'a checkpoint');
  const format = formatOf(to);
  if (existsSync(to) && !force) throw new UsageError(`${to} is there already: give --force to replace it`);
  const file = await openCheckpoint(from);
  try {
    const tensors = dtype ? castTensors(file.tensors, dtype) : file.tensors;
    const { kept, leftOut } = keptMetadata(file, format);
    const texts = { ...kept, ...metadata };
    mkdirSync(dirname(to), { recursive: true });
    const bytes = await writeCheckpoint(to, tensors, { format, metadata: texts });
    const wrapper = format === 'pytorch' && Object.keys(texts).length ? ', under state_dict' : '';
    console.log(`${to}: ${format}, ${dtypeCounts(tensors.values())}${wrapper}, ${bytes.toLocaleString('en-US')} bytes`);
    for (const [name, text] of Object.entries(texts)) console.log(`  metadata ${oneLine(`${name}=${text}`)}`);
    if (file.prefix) console.log(`  names without their prefix '${file.prefix}'`);
    if (leftOut.length) console.log(`  left out: ${printable(leftOut.join(', '))}`);
  } finally {
    await file.close();
  }
}

function addMetadata(text: string, before: Record<string, string>): Record<string, string> {
  const [name, ...value] = text.split('=');
  if (!name || !value.length) throw new InvalidArgumentError('name=text is expected.');
  return { ...before, [name]: value.join('=') };
}
