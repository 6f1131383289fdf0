// The gradient of either factor: dy times the other one.
fn combine(dy: Element, factor: Element) -> Element {
  return dy * factor;
}
