// Momentum: a running sum of gradients; with nesterov the gradient looks one step ahead.
@group(0) @binding(3) var<storage, read_write> momentumBuffer: array<Element>;

fn direction(index: u32, gradient: Element) -> Element {
  var velocity = gradient;  // PyTorch's first step takes the gradient undampened
  if (params.first == 0u) {
    velocity = params.momentum * momentumBuffer[index] + params.keptGradient * gradient;
  }
  momentumBuffer[index] = velocity;
  if (params.nesterov == 1u) {
    return gradient + params.momentum * velocity;
  }
  return velocity;
}
