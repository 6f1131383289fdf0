// A model of the registry by the name a person typed.
import type { ModelEntry } from '../models/entry.ts';
import { listModels, modelEntry } from '../models/index.ts';
import { suggestion } from '../models/suggestion.ts';
import { UsageError } from './usageError.ts';

/** @throws UsageError naming what is close, or all there is */
export function findModel(name: string): ModelEntry {
  const models = listModels();
  if (models.includes(name)) return modelEntry(name);
  throw new UsageError(`there is no model '${name}'${suggestion(name, models) || `; there is ${models.join(', ')}`}`);
}
