// reduce's operand: sums, scaled.
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

var<private> total: f32;
var<private> block: f32;

fn begin() {
  total = 0;
  block = 0;
}

fn accept(offset: u32, position: u32) {
  block += x[offset];
}

fn settle() {
  total += block;
  block = 0;
}

fn finish(at: u32) {
  y[at] = select(0.0, y[at], params.accumulate == 1u) + total * params.scale;
}
