// logSoftmax's operand for softmax/forward: x - largest - log(total).
fn normaliser_of(total: f32) -> f32 {
  return select(log(total), total, is_nan(total)); // NaN stays NaN on SwiftShader too
}

fn result(below: f32, normaliser: f32) -> f32 {
  return below - normaliser;
}
