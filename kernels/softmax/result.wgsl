// softmax's operand: exp(x - largest) / total.
fn normaliser_of(total: f32) -> f32 {
  return 1 / total;
}

fn result(below: f32, normaliser: f32) -> f32 {
  return exp_of(below) * normaliser;
}
