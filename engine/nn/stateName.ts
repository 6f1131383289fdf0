// The one rule between TypeScript's field names and PyTorch's: `runningMean` is `running_mean` in state dicts,
// `namedModules` and `print`. Names that start with a capital (`AuxLogits`, `Conv2d_1a_3x3`) are PyTorch's already.

/** PyTorch's name of a field. */
export function stateName(field: string): string {
  if (!/^[a-z]/.test(field)) return field;
  return field.replace(/([a-z0-9])([A-Z])/g, (_, before, capital) => `${before}_${capital.toLowerCase()}`);
}
