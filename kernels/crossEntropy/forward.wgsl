// One thread per row: its loss, and what the backward pass needs to rebuild its softmax.
override WORKGROUP_SIZE: u32 = 64;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = (workgroup.y * workgroups.x + workgroup.x) * WORKGROUP_SIZE + lane;
  if (row >= params.rows) {
    return;
  }
  let base = row * params.classes;
  var largest = logits[base];
  for (var c = 1u; c < params.classes; c++) {
    largest = max(largest, logits[base + c]);
  }
  var sums = Sums();
  for (var c = 0u; c < params.classes; c++) {
    sums = add_class(sums, logits[base + c] - largest, class_weight(c));
  }
  finish_row(row, largest, sums);
}
