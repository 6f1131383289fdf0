// Momentum: a running sum of scaled gradients.
@group(0) @binding(5) var<storage, read_write> momentumBuffer: array<Element>;

fn direction(index: u32, scaled: Element) -> Element {
  let velocity = params.momentum * momentumBuffer[index] + scaled;
  momentumBuffer[index] = velocity;
  return velocity;
}
