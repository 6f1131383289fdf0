// A room of the registry by the name a person typed.
import { type Room, registry } from '../kernels/registry.ts';
import { suggestion } from '../models/suggestion.ts';
import { UsageError } from './usageError.ts';

/** @throws UsageError naming what is close, or all there is */
export function findRoom(name: string): Room {
  const names = registry.map(({ operation }) => operation.name);
  const found = registry.find(({ operation }) => operation.name === name);
  if (found) return found;
  const close = suggestion(name, names);
  throw new UsageError(`there is no operation '${name}'${close || `; there is ${names.join(', ')}`}`);
}
