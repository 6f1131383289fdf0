// The application's worker: its GPUDevice renders, and wgrad computes on the same one. Between the two there is a
// buffer, never a copy to the CPU.
import { conv2d, createDevice, relu } from 'wgrad';
import { Renderer } from './renderer.js';
import { FILTERS, picture, SIDE, weights } from './scene.js';

self.onmessage = async ({ data: { canvas } }) => {
  try {
    await start(canvas);
  } catch (error) {
    self.postMessage({ error: error.message });
  }
};

async function start(canvas) {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error('This browser offers no WebGPU adapter to a worker.');
  const gpu = await adapter.requestDevice();
  const renderer = new Renderer(gpu, canvas);

  const device = await createDevice({ device: gpu });
  const filters = device.tensor(weights, [FILTERS, 1, 3, 3]);

  const draw = (seconds) => {
    using _ = device.scope(); // the memory of this frame serves the next one
    const image = device.tensor(picture(seconds), [1, 1, SIDE, SIDE]);
    const maps = device.noGrad(() => relu(conv2d(image, filters, undefined, { padding: 1 })));
    renderer.draw(image.binding(), maps.binding());
  };

  let began = performance.now();
  let still; // seconds at which the animation stands
  const frame = () => {
    const seconds = still ?? (performance.now() - began) / 1000;
    draw(seconds);
    self.postMessage({ seconds, peakBytes: device.memory().peakBytes });
    if (still === undefined) requestAnimationFrame(frame);
  };
  self.onmessage = ({ data: { seconds } }) => {
    const wasStill = still !== undefined;
    still = seconds;
    if (still === undefined) began = performance.now();
    if (wasStill || still !== undefined) requestAnimationFrame(frame);
  };
  frame();
}
