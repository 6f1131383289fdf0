// spread's operand for sums: the output's gradient, scaled.
fn gradient(element: u32, at: u32, position: u32) -> f32 {
  return dy[at] * params.scale;
}
