// One thread per row: its loss, and what the backward pass needs to rebuild its softmax. The loss is
// sum over c of target[c] * -logSoftmax(logits)[c], where target is the label's weight smoothed over all classes.
struct Params {
  rows: u32,         // of this piece
  classes: u32,
  smoothing: f32,
  hasIgnored: u32,   // 1: rows whose label is `ignored` count for nothing
  ignored: u32,
  nan: u32,          // the bits of NaN; WGSL has no literal for it
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;             // [n, classes]
@group(0) @binding(1) var<storage, read> labels: array<u32>;             // [n]
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;       // [n]
@group(0) @binding(3) var<storage, read_write> rowWeights: array<f32>;   // [n], the label's class weight
@group(0) @binding(4) var<storage, read_write> rowStates: array<f32>;    // [n, 3]: largest logit, log of the sum, sum of target
@group(0) @binding(5) var<uniform> params: Params;

override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (row >= params.rows) {
    return;
  }
  let base = row * params.classes;
  let label = labels[row];

  var largest = logits[base];
  for (var c = 1u; c < params.classes; c++) {
    largest = max(largest, logits[base + c]);
  }
  var total = 0.0;
  var weighted = 0.0;   // sum of weight * (logit - largest)
  var weightTotal = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let below = logits[base + c] - largest;
    let weight = class_weight(c);
    total += exp(below);
    weighted += select(0.0, weight * below, params.smoothing > 0); // 0 * -inf would be NaN
    weightTotal += weight;
  }
  let logTotal = log(total);

  let each = params.smoothing / f32(params.classes);
  let own = 1 - params.smoothing;
  let counted = params.hasIgnored == 0u || label != params.ignored;
  let legal = label < params.classes;
  let safe = min(label, params.classes - 1u);
  // a label beyond the classes makes the row NaN, and so the mean: a GPU cannot throw
  let rowWeight = select(bitcast<f32>(params.nan), class_weight(safe), legal);
  let logLabel = logits[base + safe] - largest - logTotal;
  let loss = each * (weightTotal * logTotal - weighted) - own * rowWeight * logLabel;
  losses[row] = select(0.0, loss, counted);
  rowWeights[row] = select(0.0, rowWeight, counted);
  rowStates[3u * row] = largest;
  rowStates[3u * row + 1u] = logTotal;
  rowStates[3u * row + 2u] = select(0.0, own * rowWeight + each * weightTotal, counted);
}
