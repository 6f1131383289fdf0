fn combine(x: Element, other: Element) -> Element {
  return x * other;
}
