fn combine(dy: Element, other: Element) -> Element {
  return dy / other;
}
