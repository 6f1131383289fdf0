// The walk of another lane, for the cores with subgroups.
fn walk_from(walk: Walk, lane: u32) -> Walk {
  return Walk(
    subgroupShuffle(walk.start, lane),
    subgroupShuffle(walk.down, lane),
    subgroupShuffle(walk.right, lane),
    subgroupShuffle(walk.isOnes, lane),
  );
}
