// What all ranks must agree on before the first step: one that runs another version, model, configuration or data set
// would give wrong gradients, not an error.
import type { StateDict } from '../../engine/hostTensor.ts';
import type { Communicator } from './communicator.ts';
import { RankError } from './rankError.ts';

/** By what they are called in errors; short texts, or hashes of long ones. */
export type Facts = Readonly<Record<string, string>>;

/** Names, dtypes and shapes of a model's tensors, and their values. */
export async function factsOf(state: StateDict): Promise<{ parameters: string; 'parameter values': string }> {
  const lines = [...state].map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape}]`);
  const total = [...state.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const { data } of state.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  const hash = await sha256(new TextEncoder().encode(lines.join('\n')));
  return {
    parameters: `${state.size} tensors of ${total} bytes, ${hash}`,
    'parameter values': await sha256(bytes),
  };
}

/** The first 16 hexadecimal digits of the SHA-256. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @throws RankError in every rank, naming what differs, and in which ranks, where one has other facts than rank 0 */
export async function checkSame(communicator: Communicator, facts: Facts, when: string): Promise<void> {
  const all = (await communicator.gather(JSON.stringify(facts), when)).map((text) => JSON.parse(text) as Facts);
  const [main] = all as [Facts, ...Facts[]];
  const names = [...new Set(all.flatMap((each) => Object.keys(each)))];
  const differing = new Set<number>();
  const lines: string[] = [];
  for (const name of names) {
    const others = all.flatMap((each, rank) => (each[name] === main[name] ? [] : [rank]));
    if (others.length === 0) continue;
    for (const rank of others) differing.add(rank);
    const [first] = others as [number, ...number[]];
    const who = others.map((rank) => communicator.nameOf(rank)).join(', ');
    lines.push(
      `${who} ${others.length === 1 ? 'has' : 'have'} another ${name}: ${all[first]![name] ?? 'none'}, not ${main[name] ?? 'none'} as rank 0`,
    );
  }
  if (lines.length === 0) return;
  throw new RankError(`${when}: ${lines.join('; ')}. Start all ranks from the same files with the same options`, {
    ranks: [...differing],
  });
}
