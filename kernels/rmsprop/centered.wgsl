// The variance around a running mean of the gradient.
@group(0) @binding(4) var<storage, read_write> gradAvg: array<Element>;

fn variance(index: u32, gradient: Element, square: Element) -> Element {
  let mean = params.alpha * gradAvg[index] + params.newValue * gradient;
  gradAvg[index] = mean;
  return max(square - mean * mean, Element(0.0));  // rounding may fall below zero, where sqrt gives NaN
}
