// The library ships no types; only what plain-text.ts uses is declared.
declare module 'html-to-text' {
  export interface Selector {
    readonly selector: string;
    readonly format?: string;
    readonly options?: Readonly<Record<string, unknown>>;
  }
  export interface Options {
    readonly wordwrap?: false | number;
    readonly preserveNewlines?: boolean;
    readonly selectors?: readonly Selector[];
    readonly limits?: { readonly maxInputLength?: number; readonly maxDepth?: number };
  }
  export function convert(html: string, options?: Options): string;
}
