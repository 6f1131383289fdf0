// With s = sigmoid(x) the slope is s (1 + x (1 - s)).
fn backward(x: Element, dy: Element) -> Element {
  let s = 1.0 / (1.0 + exp(min(-x, Element(80))));
  return dy * s * (1.0 + x * (1.0 - s));
}
