fn backward(x: Element, dy: Element) -> Element {
  return dy * (normal_distribution(x) + x * normal_density(x));
}
