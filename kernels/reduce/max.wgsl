// reduce's operand: the largest value and its logical position, whatever the order in which elements arrive.
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> positions: array<u32>;

const NONE = 0xffffffffu;
var<private> best: f32;
var<private> bestPosition: u32;

fn begin() {
  best = 0;
  bestPosition = NONE;
}

fn settle() {}

fn finish(at: u32) {
  if (params.accumulate == 1u) {
    consider(values[at], positions[at]);
  }
  values[at] = best;
  positions[at] = bestPosition;
}

// the first of equal values wins, and NaN beats every number: as PyTorch
fn consider(value: f32, position: u32) {
  let tie = value == best || (is_nan(value) && is_nan(best));
  let larger = value > best || (is_nan(value) && !is_nan(best));
  // an empty slab leaves NONE, which never wins
  if (bestPosition == NONE || (position != NONE && (larger || (tie && position < bestPosition)))) {
    best = value;
    bestPosition = position;
  }
}
