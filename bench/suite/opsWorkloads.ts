// The operations of `wgrad bench ops`.
import type { Conv2d, Workload } from './workload.ts';

const PASSES = [
  ['forward', 'forward'],
  ['training', 'forward+backward'],
] as const;

/** @param isQuick small shapes through the same code: seconds instead of minutes, and no figures to quote */
export function opsWorkloads(isQuick: boolean): Workload[] {
  const matmuls = (isQuick ? [64, 128] : [512, 1024]).map((n, i) => ({
    kind: 'matmul' as const,
    id: `matmul-${[512, 1024][i]}`,
    title: `matmul ${n}`,
    n,
  }));
  const image = isQuick ? { batch: 2, channels: 8, size: 15 } : { batch: 8, channels: 64, size: 56 };
  const shape = `[${image.batch}, ${image.channels}, ${image.size}, ${image.size}]`;
  const pools = PASSES.map(([pass, word]) => ({
    kind: 'maxPool2d' as const,
    id: `maxPool-${pass}`,
    title: `max pool 3x3/2 ${shape} ${word}`,
    ...image,
    ...{ pass, kernel: 3, stride: 2 },
  }));
  const norms = PASSES.map(([pass, word]) => ({
    kind: 'batchNorm2d' as const,
    id: `batchNorm-${pass}`,
    title: `batch norm ${shape} ${word}`,
    ...image,
    pass,
  }));
  const adam = { kind: 'adam', id: 'adam', model: isQuick ? 'lenet5' : 'resnet18' } as const;
  const named = { ...adam, title: `Adam over ${isQuick ? 'LeNet-5' : 'ResNet-18'}'s parameters` };
  return [...matmuls, ...convolutions(isQuick), ...pools, ...norms, named];
}

function convolutions(isQuick: boolean): Conv2d[] {
  const full = [
    { id: 'conv3x3-64', channels: 64, outChannels: 64, size: 56, batch: 8, kernel: 3, stride: 1, padding: 1 },
    { id: 'conv3x3-128', channels: 128, outChannels: 128, size: 28, batch: 8, kernel: 3, stride: 1, padding: 1 },
    { id: 'conv1x1-256', channels: 256, outChannels: 256, size: 14, batch: 8, kernel: 1, stride: 1, padding: 0 },
    { id: 'conv7x7-3', channels: 3, outChannels: 64, size: 224, batch: 8, kernel: 7, stride: 2, padding: 3 },
    { id: 'conv11x11-3', channels: 3, outChannels: 64, size: 224, batch: 4, kernel: 11, stride: 4, padding: 2 },
  ];
  return full.flatMap(({ id, ...shape }) => {
    const given = isQuick ? quick(shape) : shape;
    const { channels, outChannels, size, batch, kernel, stride } = given;
    const strideText = stride > 1 ? `/${stride}` : '';
    const title = `conv ${kernel}x${kernel}${strideText} ${channels}→${outChannels} ${size}² b${batch}`;
    return PASSES.map(([pass, word]) => ({
      kind: 'conv2d' as const,
      id: `${id}-${pass}`,
      title: `${title} ${word}`,
      ...given,
      pass,
    }));
  });
}

type ConvShape = Omit<Conv2d, 'kind' | 'id' | 'title' | 'pass'>;

/** An eighth of the channels and of the width, except where there are three; two images. */
function quick({ channels, outChannels, size, ...rest }: ConvShape): ConvShape {
  const less = (count: number) => (count === 3 ? 3 : count / 8);
  return { ...rest, channels: less(channels), outChannels: less(outChannels), size: Math.max(7, size / 8), batch: 2 };
}
