// What of a checkpoint's metadata goes along when it is converted.
import type { WritableFormat } from '../engine/node/writeCheckpoint.ts';
import type { CheckpointFile } from '../engine/serialization/checkpointFile.ts';

export interface KeptMetadata {
  readonly kept: Record<string, string>;
  /** Names of what does not fit into texts, such as the state of an optimizer. */
  readonly leftOut: readonly string[];
}

/**
 * Texts, numbers and truth values become texts, names of classes JSON: `["cat","dog"]`, `{"cat":0,"dog":1}`. Of
 * safetensors only names of classes go into a .pth, which otherwise is a plain state dict, as most programs expect.
 */
export function keptMetadata({ format, metadata }: CheckpointFile, to: WritableFormat): KeptMetadata {
  const isPlainText = format !== 'safetensors' || to === 'safetensors';
  const kept: [string, string][] = [];
  const leftOut: string[] = [];
  for (const [name, value] of Object.entries(metadata)) {
    const text = classText(name, value) ?? (isPlainText ? scalarText(value) : undefined);
    if (text === undefined) leftOut.push(name);
    else kept.push([name, text]);
  }
  return { kept: Object.fromEntries(kept), leftOut };
}

/** What training scripts, torchvision (`categories`, `class_to_idx`) and transformers (`id2label`) call them. */
const CLASS_NAMES =
  /^(classes|class_?names|categories|labels|label_?names|class_to_idx|idx_to_class|id2label|label2id)$/i;
const MAX_CHARACTERS = 2 ** 24;

/** Undefined for what is no list of names and no dict between names and numbers. */
function classText(name: string, value: unknown): string | undefined {
  if (!CLASS_NAMES.test(name)) return undefined;
  const names = typeof value === 'string' ? parsed(value) : value;
  if (typeof names !== 'object' || names === null) return undefined;
  const each = Array.isArray(names) ? names : Object.entries(names).map(([key, other]) => nameIn(key, other));
  if (!each.length || !each.every((item) => typeof item === 'string')) return undefined;
  const text = JSON.stringify(names);
  return text.length <= MAX_CHARACTERS ? text : undefined;
}

/** The name of an entry `cat: 0` or `0: cat`. */
function nameIn(key: string, value: unknown): unknown {
  return Number.isSafeInteger(value) ? key : value;
}

function parsed(text: string): unknown {
  if (text.length > MAX_CHARACTERS) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a text of another kind
  }
}

function scalarText(value: unknown): string | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
