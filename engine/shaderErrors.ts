// Compiler messages with the source lines they speak of, numbered.
import { KernelError } from '../kernels/errors.ts';
import type { Shader } from '../kernels/shader.ts';

/** Resolves to a KernelError when the module did not compile. */
export async function shaderErrors(module: GPUShaderModule, { label, code }: Shader): Promise<KernelError | undefined> {
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === 'error');
  if (!errors.length) return undefined;
  const lines = code.split('\n');
  const reports = errors.map(({ message, lineNum, linePos }) => {
    const first = Math.max(0, lineNum - 4);
    const excerpt = lines.slice(first, lineNum + 2).flatMap((line, i) => {
      const number = first + i + 1;
      const numbered = `${number === lineNum ? '>' : ' '}${String(number).padStart(4)} | ${line}`;
      return number === lineNum
        ? [numbered, `${' '.repeat(5)} | ${' '.repeat(Math.max(0, linePos - 1))}^`]
        : [numbered];
    });
    return `${label}:${lineNum}:${linePos}: ${message}\n${excerpt.join('\n')}`;
  });
  return new KernelError(`${label} does not compile\n${reports.join('\n')}`);
}
