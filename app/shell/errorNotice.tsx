// What went wrong, in the words of the error, and the way on.

interface ErrorNoticeProps {
  error: Error;
  /** Offered as a button. Default: none. */
  onRetry?: (() => void) | undefined;
  /** What the button says. */
  retryLabel?: string | undefined;
}

export function ErrorNotice({ error, onRetry, retryLabel = 'Start again' }: ErrorNoticeProps) {
  return (
    <div class="notice error" role="alert">
      <p>
        {error.name && error.name !== 'Error' && <strong>{error.name}: </strong>}
        <span>{error.message || String(error)}</span>
      </p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {retryLabel}
        </button>
      )}
    </div>
  );
}
