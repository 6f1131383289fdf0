// softmax's operand, of value y and slope dy: dx = y * (dy - sum(y * dy)).
fn term(value: f32, slope: f32) -> f32 {
  return value * slope;
}

fn gradient(value: f32, slope: f32, sum: f32) -> f32 {
  return value * (slope - sum);
}
