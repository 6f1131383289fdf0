// PyTorch's approximate='tanh': 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
fn forward(x: Element) -> Element {
  let bounded = clamp(x, Element(-30), Element(30)); // the cube must not overflow
  let inner = 0.79788456 * (bounded + 0.044715 * bounded * bounded * bounded);
  return 0.5 * x * (1.0 + stable_tanh(inner));
}
