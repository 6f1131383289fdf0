// One thread per logit: dlogits = (softmax * sum of target - target) * dy, divided by the weights' total for a mean.
struct Params {
  elements: u32,     // of this piece
  classes: u32,
  smoothing: f32,
  hasIgnored: u32,
  ignored: u32,
  perRow: u32,       // 1: dy has an element per row
  divide: u32,       // 1: the loss was a mean
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;           // [n, classes]
@group(0) @binding(1) var<storage, read> labels: array<u32>;           // [n]
@group(0) @binding(2) var<storage, read> rowStates: array<f32>;        // [n, 3]: largest logit, log of the sum, sum of target
@group(0) @binding(3) var<storage, read> weightTotal: array<f32>;      // [1]
@group(0) @binding(4) var<storage, read> dy: array<f32>;               // [1] or [n]
@group(0) @binding(5) var<storage, read_write> dlogits: array<f32>;    // [n, classes]
@group(0) @binding(6) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

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
  let row = index / params.classes;
  let c = index % params.classes;
  let label = labels[row];
  let scale = dy[row * params.perRow] / select(1.0, weightTotal[0], params.divide == 1u);
  let probability = exp_of(logits[index] - rowStates[3u * row] - rowStates[3u * row + 1u]);
  let own = select(0.0, 1 - params.smoothing, label == c);
  let spread = params.smoothing / f32(params.classes);
  let gradient = probability * rowStates[3u * row + 2u] - (own + spread) * class_weight(c);
  let counted = params.hasIgnored == 0u || label != params.ignored;
  dlogits[index] = select(0.0, gradient * scale, counted);
}
