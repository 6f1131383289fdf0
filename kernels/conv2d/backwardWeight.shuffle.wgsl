// The pixel of another lane, for the tall core.
fn step_from(step: Step, lane: u32) -> Step {
  return Step(subgroupShuffle(step.start, lane), subgroupShuffle(step.top, lane), subgroupShuffle(step.left, lane));
}
