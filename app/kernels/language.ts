// WGSL and TypeScript for the editor's colours: comments, numbers, strings, keywords and types, no more.
import { HighlightStyle, LanguageSupport, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';

interface Words {
  readonly keywords: RegExp;
  readonly types: RegExp;
  readonly atoms: RegExp;
}

const ATOMS = /^(?:true|false|null|undefined|NaN|Infinity)$/;

export const wgsl = language({
  keywords:
    /^(?:alias|break|case|const|const_assert|continue|continuing|default|diagnostic|discard|else|enable|fn|for|if|let|loop|override|requires|return|struct|switch|var|while)$/,
  types: /^(?:bool|f16|f32|i32|u32|array|atomic|mat[234]x[234][fh]?|ptr|vec[234][fhiu]?|Element|Params)$/,
  atoms: ATOMS,
});

export const typescript = language({
  keywords:
    /^(?:as|async|await|const|else|export|for|from|function|if|import|in|interface|let|new|of|readonly|return|throw|type|typeof|while)$/,
  types: /^[A-Z]\w*$/,
  atoms: ATOMS,
});

/** Colours are of the page's style sheet. */
export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, class: 'code-keyword' },
    { tag: tags.typeName, class: 'code-type' },
    { tag: [tags.number, tags.atom, tags.string], class: 'code-literal' },
    { tag: tags.comment, class: 'code-comment' },
    { tag: tags.meta, class: 'code-attribute' },
    { tag: tags.function(tags.variableName), class: 'code-function' },
  ]),
);

function language({ keywords, types, atoms }: Words): LanguageSupport {
  const parser = StreamLanguage.define<{ isComment: boolean }>({
    startState: () => ({ isComment: false }),
    token: (stream, state) => {
      if (state.isComment || stream.match('/*')) {
        state.isComment = !stream.match(/^.*?\*\//);
        if (state.isComment) stream.skipToEnd();
        return 'comment';
      }
      if (stream.eatSpace()) return null;
      if (stream.match(/^\/\/.*/)) return 'comment';
      if (stream.match(/^@\w+/)) return 'meta';
      if (stream.match(/^(?:0x[\da-f_]+|\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)[uifh]?/i))
        return 'number';
      if (stream.match(/^(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)/)) return 'string';
      const [word] = (stream.match(/^[A-Za-z_]\w*/) || []) as string[];
      if (!word) {
        stream.next();
        return null;
      }
      if (keywords.test(word)) return 'keyword';
      if (atoms.test(word)) return 'atom';
      if (types.test(word)) return 'typeName';
      return stream.match(/^\s*\(/, false) ? 'variableName.function' : 'variableName';
    },
    languageData: { commentTokens: { line: '//' } },
  });
  return new LanguageSupport(parser);
}
