// Pure calendar knowledge: zones, plain text, the form that both sides can hold, and the merge.
export * from './common-form.ts';
export * from './merge.ts';
export * from './plain-text.ts';
export * from './zones.ts';
