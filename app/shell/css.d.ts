// A style sheet that a page brings: tools/buildApp.ts puts all of them into one.
declare module '*.css';
