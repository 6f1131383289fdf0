// How many tensors of which type: `97 tensors (78 float32, 19 int64)`.

export function dtypeCounts(tensors: Iterable<{ readonly dtype: string }>): string {
  const counts = new Map<string, number>();
  for (const { dtype } of tensors) counts.set(dtype, (counts.get(dtype) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const listed = [...counts].map(([dtype, count]) => `${count} ${dtype}`).join(', ');
  return `${total} ${total === 1 ? 'tensor' : 'tensors'}${listed && ` (${listed})`}`;
}
