// The input positions [start, end) that output position o averages: PyTorch's rule, in integers.
fn cell_start(o: u32, size: u32, outSize: u32) -> u32 {
  return o * size / outSize;
}

fn cell_end(o: u32, size: u32, outSize: u32) -> u32 {
  return ((o + 1u) * size + outSize - 1u) / outSize;
}
