// Opens a device after another was lost: a driver that resets is away for some seconds.
import type { Device } from '../device.ts';

export interface OpenAgainOptions {
  /** Times it is tried. Default 6. */
  attempts?: number;
  /** Milliseconds before the second attempt; twice as long before each that follows. Default 500, so 15 s in all. */
  wait?: number;
}

/**
 * What `reopen` of `train` wants: `train({ …, reopen: () => openAgain(() => createDevice()) })`.
 * @param open asked until it gives a device
 * @throws what the last attempt threw
 */
export async function openAgain(
  open: () => Promise<Device>,
  { attempts = 6, wait = 500 }: OpenAgainOptions = {},
): Promise<Device> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open();
    } catch (error) {
      if (attempt >= attempts) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait * 2 ** (attempt - 1)));
  }
}
