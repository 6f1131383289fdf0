// How the picture is prepared: size, mean and deviation of each channel, to be changed by those who know better.
import { useEffect, useState } from 'preact/hooks';
import type { Preprocessing } from '../../datasets/images/preprocessing.ts';

interface PreprocessingFormProps {
  preprocessing: Preprocessing;
  /** Whose it is: `of resnet20-12fca82f.th`. */
  source: string;
  onChange: (preprocessing: Preprocessing) => void;
}

const MAX_SIDE = 4096;

export function PreprocessingForm({ preprocessing, source, onChange }: PreprocessingFormProps) {
  const [text, setText] = useState(textsOf(preprocessing));
  const [problem, setProblem] = useState('');
  useEffect(() => setText(textsOf(preprocessing)), [preprocessing]);
  const field = (name: keyof Texts, label: string, hint: string) => (
    <label>
      {label}
      <input
        value={text[name]}
        title={hint}
        onInput={(event) => setText({ ...text, [name]: event.currentTarget.value })}
      />
    </label>
  );
  const apply = (event: Event) => {
    event.preventDefault();
    const parsed = parse(text);
    setProblem(typeof parsed === 'string' ? parsed : '');
    if (typeof parsed !== 'string') onChange(parsed);
  };
  return (
    <details class="preprocessing">
      <summary>Preparation of the picture ({source})</summary>
      <form onSubmit={apply}>
        {field('resize', 'Resize', 'pixels of the shorter side')}
        {field('crop', 'Crop', 'pixels of the square cut out of the middle')}
        {field('mean', 'Mean', 'of each channel, in units of 255 levels, separated by spaces')}
        {field('std', 'Deviation', 'of each channel, in units of 255 levels, separated by spaces')}
        <button type="submit">Apply</button>
        {problem && <p role="alert">{problem}</p>}
      </form>
    </details>
  );
}

interface Texts {
  resize: string;
  crop: string;
  mean: string;
  std: string;
}

function textsOf({ resize, crop, mean, std }: Preprocessing): Texts {
  return { resize: `${resize ?? ''}`, crop: `${crop ?? ''}`, mean: mean.join(' '), std: std.join(' ') };
}

/** What is wrong, where something is. */
function parse({ resize, crop, mean, std }: Texts): Preprocessing | string {
  const sides = [resize, crop].map(Number);
  if (!sides.every((side) => Number.isInteger(side) && side > 0 && side <= MAX_SIDE)) {
    return `Resize and crop are whole numbers from 1 to ${MAX_SIDE}.`;
  }
  const [means, stds] = [mean, std].map((text) =>
    text
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number),
  ) as [number[], number[]];
  if (means.length !== stds.length || ![...means, ...stds].every(Number.isFinite) || !stds.every((each) => each > 0)) {
    return 'Mean and deviation are a number for each channel, separated by spaces; deviations are above 0.';
  }
  return { resize: sides[0]!, crop: sides[1]!, mean: means, std: stds };
}
