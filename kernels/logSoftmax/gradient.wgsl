// logSoftmax's operand for softmax/backward, of value y and slope dy: dx = dy - exp(y) * sum(dy).
fn term(value: f32, slope: f32) -> f32 {
  return slope;
}

fn gradient(value: f32, slope: f32, sum: f32) -> f32 {
  return slope - exp_of(value) * sum;
}
