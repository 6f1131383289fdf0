// How many positions of a window count towards the divisor along one direction: PyTorch's rule. A window that ceil
// mode lets hang over is clipped at the padded border first, and at the input's own edge only if padding is left out.
fn counted(o: u32, stride: u32, kernel: u32, padding: u32, size: u32, includePad: u32) -> u32 {
  let start = o * stride; // measured from the padded edge
  let end = start + kernel;
  if (includePad != 0u) {
    return min(end, size + 2u * padding) - start;
  }
  return min(end, size + padding) - max(start, padding);
}
