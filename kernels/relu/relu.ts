// The rectifier max(x, 0). Its own output tells the backward pass where it let values through.
import { backwardShaders, forwardShaders, mapOperation } from '../elementwise/map.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

const shaders = {
  forward: forwardShaders('relu/forward', [forwardFile]),
  backward: backwardShaders('relu/backward', [backwardFile]),
};

export const relu = mapOperation<Record<string, never>>({
  name: 'relu',
  saves: 'y',
  variants: [shaders],
  shadersFor: () => shaders,
});
