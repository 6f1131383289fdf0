// A place for files: drop them, click, or choose them by keyboard.
import { useId, useState } from 'preact/hooks';

interface FileDropProps {
  /** Endings or media types, as of an input element. */
  accept: string;
  label: string;
  onFiles: (files: readonly File[]) => void;
}

export function FileDrop({ accept, label, onFiles }: FileDropProps) {
  const id = useId();
  const [isOver, setOver] = useState(false);
  const give = (list: FileList | null | undefined) => {
    if (list?.length) onFiles([...list]);
  };
  return (
    // the input within is the control; dropping is a second way to it
    <label
      class={`file-drop${isOver ? ' over' : ''}`}
      for={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        give(event.dataTransfer?.files);
      }}
    >
      <span>{label}</span>
      <input
        id={id}
        type="file"
        accept={accept}
        multiple
        onChange={({ currentTarget }) => {
          give(currentTarget.files);
          currentTarget.value = ''; // the same file may be chosen again
        }}
      />
    </label>
  );
}
