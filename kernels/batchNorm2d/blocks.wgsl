// The rows of a thread in an apply pass: from the first to before the end, every rowsApart-th.
fn rows_of(block: u32) -> vec2u {
  let turns = (params.rows + params.blocks - 1u) / params.blocks;
  let first = select(block, block * turns, params.rowsApart == 1u);
  return vec2u(first, min(first + turns * params.rowsApart, params.rows));
}
