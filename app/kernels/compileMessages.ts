// What the compiler says of an edited text, with its places.
import type { Device } from '../../engine/index.ts';
import type { Shader } from '../../kernels/shader.ts';
import { EditedShader } from '../../lab/withShaders.ts';

export interface ShaderMessage {
  readonly type: 'error' | 'warning' | 'info';
  /** Counted from 1; 0 where the message concerns the whole. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  readonly length: number;
  readonly text: string;
}

/** Those of the compiler, then what keeps the text from standing in for `original`. */
export async function compileMessages(device: Device, original: Shader, code: string): Promise<ShaderMessage[]> {
  const { gpu } = device;
  gpu.pushErrorScope('validation'); // the messages say it
  const module = gpu.createShaderModule({ label: original.label, code });
  const [{ messages }] = await Promise.all([module.getCompilationInfo(), gpu.popErrorScope()]);
  const reported = messages.map(({ type, lineNum, linePos, length, message }) => {
    return { type, line: lineNum, column: linePos, length, text: message };
  });
  if (reported.some(({ type }) => type === 'error')) return reported;
  try {
    new EditedShader(original, code);
    return reported;
  } catch (error) {
    return [...reported, { type: 'error', line: 0, column: 0, length: 0, text: (error as Error).message }];
  }
}
