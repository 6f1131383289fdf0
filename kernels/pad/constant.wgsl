// Which input index a position shows; -1 for none.
fn shown(position: i32, extent: i32) -> i32 {
  return select(-1, position, position >= 0 && position < extent);
}
