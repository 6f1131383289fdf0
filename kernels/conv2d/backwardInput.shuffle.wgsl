// The step of another lane, for the tall core.
fn step_from(step: Step, lane: u32) -> Step {
  return Step(subgroupShuffle(step.up, lane), subgroupShuffle(step.left, lane), subgroupShuffle(step.channel, lane));
}
