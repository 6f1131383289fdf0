// reduce's operand: the largest value, and how many elements are equal to it.
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;

var<private> best: f32;
var<private> bestCount: u32;  // 0: nothing was seen yet

fn begin() {
  best = 0;
  bestCount = 0u;
}

fn settle() {}

fn finish(at: u32) {
  if (params.accumulate == 1u) {
    consider(values[at], counts[at]);
  }
  values[at] = best;
  counts[at] = bestCount;
}

// NaN beats every number and equals NaN: as PyTorch
fn consider(value: f32, count: u32) {
  let larger = value > best || (is_nan(value) && !is_nan(best));
  let equal = value == best || (is_nan(value) && is_nan(best));
  if (count == 0u) {
    return; // an empty slab
  }
  if (bestCount == 0u || larger) {
    best = value;
    bestCount = count;
  } else if (equal) {
    bestCount += count;
  }
}
