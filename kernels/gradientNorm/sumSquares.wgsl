// Each thread sums the squares of every `threads`-th element: a fixed order, so the norm repeats bit for bit.
// `total` is defined by the linked file for Element.
alias Element = f32;

struct Params {
  elements: u32,
  threads: u32,
  first: u32,  // where this tensor's partial sums begin
  start: u32,  // 0 for the first piece of a tensor; later pieces add to its sums
}

@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  if (thread.x < params.threads) {
    var sum = Element(0.0);
    for (var i = thread.x; i < params.elements; i += params.threads) {
      let value = x[i];
      sum += value * value;
    }
    let slot = params.first + thread.x;
    if (params.start == 0u) {
      partials[slot] = total(sum);
    } else {
      partials[slot] += total(sum);
    }
  }
}
