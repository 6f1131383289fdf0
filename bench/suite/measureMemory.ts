// GPU buffers of a training step: the most bytes at once, and whether they become more as steps go by.
import { checkedProblem, enter, type MeasureOptions } from './measureRow.ts';
import type { MemoryCount, MemoryResult } from './results.ts';
import { checkedRuns, type Workload } from './workload.ts';

/** @param steps after how many steps to count, ascending */
export async function measureMemory(
  workload: Workload,
  steps: readonly number[],
  options: Omit<MeasureOptions, 'rounds' | 'roundMs'>,
): Promise<MemoryResult> {
  const { onProgress = () => {} } = options;
  const checked = checkedProblem(workload);
  const contenders: MemoryCount[] = [];
  for (const name of options.names) {
    if (name === 'torch') continue; // its memory is not made of GPU buffers
    const { contender, result } = await enter(name, checked, options);
    const count: MemoryCount = { name, counts: [] };
    let [done, wrong] = [checkedRuns(workload), result.wrong];
    try {
      for (const target of contender ? steps : []) {
        onProgress(`${workload.title}: ${name}, memory after ${target} steps`);
        // one step at a time: a training loop reads its loss, and a queue that runs ahead holds more memory
        for (; done < target; done++) {
          const { memory, gpuErrors, firstGpuError } = await contender!.time(1);
          if (gpuErrors) throw new Error(`${gpuErrors} GPU errors, the first: ${firstGpuError}`);
          if (done + 1 === target && memory) count.counts.push(memory);
        }
      }
    } catch (error) {
      wrong = (error as Error).message;
    } finally {
      await contender?.quit();
    }
    contenders.push(wrong === undefined ? count : { ...count, wrong });
  }
  return { workload, steps, contenders };
}
