// A scalar is its own sum.
fn total(sum: f32) -> f32 {
  return sum;
}
