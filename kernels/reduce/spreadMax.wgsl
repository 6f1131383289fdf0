// spread's operand for maxima: all of the gradient to the element that won, none to the others.
@group(0) @binding(3) var<storage, read> positions: array<u32>;

fn gradient(element: u32, at: u32, position: u32) -> f32 {
  return select(0.0, dy[at], positions[at] == position);
}
