struct Params { elements: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;

const WORKGROUP_SIZE = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) lid: u32,
) {
  let i = (wid.y * grid.x + wid.x) * WORKGROUP_SIZE + lid;
  if (i < params.elements) { dx[i] = dy[i] * derivative(x[i]); }
}

// d/dx x tanh(s) = tanh(s) + x (1 - tanh(s)^2) ds/dx, where ds/dx is the logistic function
fn derivative(x: f32) -> f32 {
  let t = tanh(softplus(x));
  return t + x * (1.0 - t * t) / (1.0 + exp(-x));
}

fn softplus(x: f32) -> f32 {
  return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}
