// Sums partial sums, each thread every `threads`-th; the last fold takes the root.
struct Params {
  elements: u32,
  threads: u32,
  root: u32,
}

@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  if (thread.x < params.threads) {
    var sum = 0.0;
    for (var i = thread.x; i < params.elements; i += params.threads) {
      sum += partials[i];
    }
    sums[thread.x] = select(sum, sqrt(sum), params.root == 1u);
  }
}
