// The laboratory: a static page whose address after the # says which of its pages is shown, and in what state.
import { render } from 'preact';
import { Frame } from './shell/frame.tsx';

render(<Frame />, document.getElementById('app')!);
