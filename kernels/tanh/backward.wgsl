fn backward(y: Element, dy: Element) -> Element {
  return dy * (1.0 - y * y);
}
