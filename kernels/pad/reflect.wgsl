// Which input index a position shows: mirrored at the first and last element, which are not repeated.
fn shown(position: i32, extent: i32) -> i32 {
  let last = extent - 1;
  return last - abs(last - abs(position));
}
