// Gathers: each input element sums the gradients of the positions that show it. `showings` and `showing`, which the
// mode's file defines, list candidates along one dimension; a negative one is none.
alias Element = f32; // vec4f when inner is a multiple of four

struct Params {
  inputs: u32,      // of this launch, in Elements
  inner: u32,       // in Elements
  middle: u32,
  height: u32,
  width: u32,
  outHeight: u32,
  outWidth: u32,
  top: i32,
  left: i32,
}

@group(0) @binding(0) var<storage, read> dy: array<Element>;
@group(0) @binding(1) var<storage, read_write> dx: array<Element>;
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
  let i = index % params.inner;
  var rest = index / params.inner;
  let w = i32(rest % params.width);
  rest /= params.width;
  let m = rest % params.middle;
  rest /= params.middle;
  let h = i32(rest % params.height);
  let o = rest / params.height;

  let rows = showings(h, i32(params.height), params.top, i32(params.outHeight));
  let columns = showings(w, i32(params.width), params.left, i32(params.outWidth));
  var sum = Element(0);
  for (var row = 0; row < rows; row++) {
    let oh = showing(row, h, i32(params.height), params.top, i32(params.outHeight));
    if (oh < 0) {
      continue;
    }
    for (var column = 0; column < columns; column++) {
      let ow = showing(column, w, i32(params.width), params.left, i32(params.outWidth));
      if (ow >= 0) {
        let at = ((o * params.outHeight + u32(oh)) * params.middle + m) * params.outWidth + u32(ow);
        sum += dy[at * params.inner + i];
      }
    }
  }
  dx[index] = sum;
}
