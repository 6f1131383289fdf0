// spread's operand: equal shares of the gradient to all elements that are the largest, none to the others.
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> y: array<f32>;
@group(0) @binding(5) var<storage, read> counts: array<u32>;

fn gradient(element: u32, at: u32, position: u32) -> f32 {
  let isLargest = x[element] == y[at] || (is_nan(x[element]) && is_nan(y[at]));
  return select(0.0, dy[at] / f32(counts[at]), isLargest);
}
