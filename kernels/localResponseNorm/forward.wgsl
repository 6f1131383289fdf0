// One thread per element (or per four channels of it): y = x * scale^-beta, scale = k + alpha / size * sum of squares.
alias Element = f32; // vec4f when the channels are a multiple of four

struct Params {
  elements: u32,  // n * height * width * channels, in Elements
  channels: u32,  // in Elements
  size: u32,
  before: u32,    // channels of the window before its own
  slope: f32,     // alpha / size
  beta: f32,
  k: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;            // [n, h, w, c]
@group(0) @binding(1) var<storage, read_write> y: array<Element>;      // [n, h, w, c]
@group(0) @binding(2) var<storage, read_write> scale: array<Element>;  // [n, h, w, c]
@group(0) @binding(3) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

fn term(at: u32) -> Element {
  return x[at] * x[at];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.elements) {
    return;
  }
  let c = index % params.channels;
  let pixel = index / params.channels;
  let sum = window_sum(pixel, c, params.channels, params.before, params.size);
  let base = params.k + params.slope * sum;
  scale[index] = base;
  y[index] = x[index] * pow(base, Element(-params.beta));
}
