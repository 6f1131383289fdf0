// Gathers: each input element sums dy over the cells that hold it, each over its own area. One writer, no atomics.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  inputs: u32,     // n * height * width * channels, in Elements
  channels: u32,   // in Elements
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
}

@group(0) @binding(0) var<storage, read> dy: array<Element>;        // [n, oh, ow, c]
@group(0) @binding(1) var<storage, read_write> dx: array<Element>;  // [n, h, w, c]
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.inputs) {
    return;
  }
  let c = index % params.channels;
  let pixel = index / params.channels;
  let w = pixel % params.width;
  let h = pixel / params.width % params.height;
  let n = pixel / (params.width * params.height);

  // the cells of a position are those of the opposite pooling: sizes swapped, the same rule
  let ohEnd = cell_end(h, params.outHeight, params.height);
  let owEnd = cell_end(w, params.outWidth, params.width);
  var sum = Element(0);
  for (var oh = cell_start(h, params.outHeight, params.height); oh < ohEnd; oh++) {
    let rows = cell_end(oh, params.height, params.outHeight) - cell_start(oh, params.height, params.outHeight);
    for (var ow = cell_start(w, params.outWidth, params.width); ow < owEnd; ow++) {
      let columns = cell_end(ow, params.width, params.outWidth) - cell_start(ow, params.width, params.outWidth);
      sum += dy[((n * params.outHeight + oh) * params.outWidth + ow) * params.channels + c] / f32(rows * columns);
    }
  }
  dx[index] = sum;
}
