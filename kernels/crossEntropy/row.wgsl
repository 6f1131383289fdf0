// What a row's loss and its backward pass follow from, however its sums were made. The loss is
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

struct Sums {
  exponentials: f32,  // of logit - largest
  weighted: f32,      // of weight * (logit - largest); 0 without smoothing, which alone needs it
  weights: f32,
}

fn add_class(sums: Sums, below: f32, weight: f32) -> Sums {
  return Sums(
    sums.exponentials + exp_of(below),
    sums.weighted + select(0.0, weight * below, params.smoothing > 0), // 0 * -inf would be NaN
    sums.weights + weight,
  );
}

fn finish_row(row: u32, largest: f32, sums: Sums) {
  let label = labels[row];
  let logTotal = select(log(sums.exponentials), sums.exponentials, is_nan(sums.exponentials)); // as exp_of
  let each = params.smoothing / f32(params.classes);
  let own = 1 - params.smoothing;
  let counted = params.hasIgnored == 0u || label != params.ignored;
  let legal = label < params.classes;
  let safe = min(label, params.classes - 1u);
  // a label beyond the classes makes the row NaN, and so the mean: a GPU cannot throw
  let rowWeight = select(bitcast<f32>(params.nan), class_weight(safe), legal);
  let logLabel = logits[row * params.classes + safe] - largest - logTotal;
  let loss = each * (sums.weights * logTotal - sums.weighted) - own * rowWeight * logLabel;
  losses[row] = select(0.0, loss, counted);
  rowWeights[row] = select(0.0, rowWeight, counted);
  rowStates[3u * row] = largest;
  rowStates[3u * row + 1u] = logTotal;
  rowStates[3u * row + 2u] = select(0.0, own * rowWeight + each * sums.weights, counted);
}
