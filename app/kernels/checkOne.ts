// One case of a room on the GPU, with all that is wrong about it.
import type { Device } from '../../engine/index.ts';
import { DeviceLostError, KernelError } from '../../kernels/errors.ts';
import type { Room } from '../../kernels/registry.ts';
import { compareOnGpu } from '../../lab/checkCase.ts';
import type { Comparison } from '../../lab/compare.ts';
import type { EditedShader } from '../../lab/withShaders.ts';

export interface CaseResult {
  readonly name: string;
  /** Whether an edited shader ran in it. */
  readonly runsEdit: boolean;
  /** Outputs, then gradients; all in which nothing went wrong before. */
  readonly tensors: readonly Comparison[];
  /** What went wrong on the GPU; final where it is the text's fault and would be so in every case. */
  readonly error?: { readonly name: string; readonly message: string; readonly isFinal: boolean };
  /** Why it did not run. */
  readonly skipped?: string;
}

interface CheckOne {
  /** Of the case, and its seed, as in `wgrad kernel check`. */
  index: number;
  variant: string | undefined;
  edits: readonly EditedShader[];
}

/** @throws DeviceLostError */
export async function checkOne(
  device: Device,
  room: Room,
  { index, variant, edits }: CheckOne,
): Promise<Omit<CaseResult, 'runsEdit'>> {
  const kase = room.cases.cases[index]!;
  const tensors: Comparison[] = [];
  try {
    for await (const comparison of compareOnGpu(device, room, kase, index, { variant, edits }))
      tensors.push(comparison);
    return { name: kase.name, tensors };
  } catch (error) {
    if (error instanceof DeviceLostError) throw error;
    await settled(device);
    const { name, message } = error as Error;
    return { name: kase.name, tensors, error: { name, message, isFinal: error instanceof KernelError } };
  }
}

/** An error on the GPU has consequences, which are not to be blamed on what runs next. */
async function settled(device: Device): Promise<void> {
  for (let i = 0; i < 3; i++) {
    try {
      await device.idle();
      return;
    } catch (error) {
      if (error instanceof DeviceLostError) throw error;
    }
  }
}
