// The application's own rendering, which knows WebGPU and nothing of wgrad.
import code from './render.wgsl';

export class Renderer {
  #device;
  #context;
  #pipeline;

  /** @param {OffscreenCanvas} canvas */
  constructor(device, canvas) {
    this.#device = device;
    this.#context = canvas.getContext('webgpu');
    const format = navigator.gpu.getPreferredCanvasFormat();
    this.#context.configure({ device, format, alphaMode: 'opaque' });
    const module = device.createShaderModule({ label: 'render', code });
    this.#pipeline = device.createRenderPipeline({
      layout: 'auto',
      vertex: { module },
      fragment: { module, targets: [{ format }] },
    });
  }

  /** @param {GPUBufferBinding} picture @param {GPUBufferBinding} maps */
  draw(picture, maps) {
    const group = this.#device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [picture, maps].map((resource, binding) => ({ binding, resource })),
    });
    const encoder = this.#device.createCommandEncoder();
    const view = this.#context.getCurrentTexture().createView();
    const pass = encoder.beginRenderPass({ colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }] });
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, group);
    pass.draw(3);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }
}
