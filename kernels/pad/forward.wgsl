// Each output element reads the input element it shows, or the value where it shows none. The two padded dimensions,
// height and width, may stand anywhere in memory: [outer, height, middle, width, inner].
alias Element = f32; // vec4f when inner is a multiple of four

struct Params {
  outputs: u32,     // of this launch, in Elements
  inner: u32,       // in Elements
  middle: u32,
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
  top: i32,         // rows added before the first; negative ones are cropped
  left: i32,
  value: f32,
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> y: array<Element>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (index >= params.outputs) {
    return;
  }
  let i = index % params.inner;
  var rest = index / params.inner;
  let ow = rest % params.outWidth;
  rest /= params.outWidth;
  let m = rest % params.middle;
  rest /= params.middle;
  let oh = rest % params.outHeight;
  let o = rest / params.outHeight;

  let h = shown(i32(oh) - params.top, i32(params.height));
  let w = shown(i32(ow) - params.left, i32(params.width));
  if (h < 0 || w < 0) {
    y[index] = Element(params.value);
  } else {
    y[index] = x[(((o * params.height + u32(h)) * params.middle + m) * params.width + u32(w)) * params.inner + i];
  }
}
