// Fine-tuning with the disk for what is too much for the device.
import type { AnyModule } from '../../engine/nn/module.ts';
import { fineTune as fineTuneAnywhere } from '../fineTune/fineTune.ts';
import { lrFind as lrFindAnywhere } from '../fineTune/lrFind.ts';
import { featureDisk } from './diskStore.ts';

/** `fineTune` of `wgrad/training`, whose `cache` may lie in the folder for temporary files. */
export const fineTune: typeof fineTuneAnywhere = (model: AnyModule, data, options) =>
  fineTuneAnywhere(model, data, { ...options, disk: options.disk ?? featureDisk });

/** `lrFind` of `wgrad/training`, whose `cache` may lie in the folder for temporary files. */
export const lrFind: typeof lrFindAnywhere = (model: AnyModule, data, options) =>
  lrFindAnywhere(model, data, { ...options, disk: options.disk ?? featureDisk });
