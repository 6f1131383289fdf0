// SwiftShader's exp of NaN is a number: a broken activation would look sound.
fn exp_of(value: f32) -> f32 {
  return select(exp(value), value, is_nan(value));
}
