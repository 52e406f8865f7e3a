// Parses `$filter` into a tree. The grammar is SuperOffice's own dialect (D/api/search/odata): named operators such as
// `afterTime` and `associateIsOneOf (1,6)` beside OData's `eq` and `gt`, and functions such as `startswith(a,'x')`.
import { badArgument } from '../input/error.ts';

export type Literal = string | number | boolean | null;

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'test'; readonly column: string; readonly operator: string; readonly values: readonly Literal[] };

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign';
  readonly text: string;
}

const maxLength = 20_000;
const maxDepth = 50;
const tokenPattern =
  /\s*(?:'((?:[^']|'')*)'|(\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)|(-?\d+(?:\.\d+)?)(?![\w])|(<=|>=|!=|<>|[()=<>,])|([A-Za-z_][\w./:#>-]*(?:\[[^\]]*\])?))/y;
/** Operators without a value. */
const unary = new Set(['currentassociate', 'isnull', 'isnotnull', 'today', 'thisweek', 'thismonth']);
const functions = new Set(['startswith', 'endswith', 'substringof', 'contains']);

/** @throws 400 with the place where the filter stops making sense. */
export function parseFilter(text: string): Filter {
  if (text.length > maxLength) throw badArgument('The filter is too long');
  return new Parser(tokens(text)).whole();
}

function tokens(text: string): readonly Token[] {
  const found: Token[] = [];
  tokenPattern.lastIndex = 0;
  const end = text.trimEnd().length;
  while (tokenPattern.lastIndex < end) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(text);
    if (match === null) throw badArgument(`The filter is not understood at position ${at}`);
    const [, quoted, date, number, sign, name] = match;
    if (quoted !== undefined) found.push({ kind: 'text', text: quoted.replaceAll("''", "'") });
    else if (date !== undefined) found.push({ kind: 'text', text: date });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (sign !== undefined) found.push({ kind: 'sign', text: sign });
    else found.push({ kind: 'name', text: name ?? '' });
  }
  return found;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  whole(): Filter {
    const filter = this.#or();
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return filter;
  }

  #or(): Filter {
    const parts = [this.#and()];
    while (this.#word('or')) parts.push(this.#and());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  #and(): Filter {
    const parts = [this.#primary()];
    while (this.#word('and')) parts.push(this.#primary());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }

  #primary(): Filter {
    if (this.#sign('(')) {
      if (++this.#depth > maxDepth) throw badArgument('The filter is nested too deeply');
      const inner = this.#or();
      this.#expect(')');
      this.#depth--;
      return inner;
    }
    const name = this.#next('name');
    if (functions.has(name.toLowerCase()) && this.#sign('(')) return this.#function(name.toLowerCase());
    return this.#test(name);
  }

  #function(name: string): Filter {
    const first = this.#token();
    this.#expect(',');
    const second = this.#token();
    this.#expect(')');
    const [column, value] = name === 'substringof' ? [second, first] : [first, second];
    const operator = { startswith: 'begins', endswith: 'ends', substringof: 'contains', contains: 'contains' }[name];
    return { kind: 'test', column: column.text, operator: operator ?? name, values: [value.text] };
  }

  #test(column: string): Filter {
    const token = this.#token();
    if (token.kind !== 'name' && token.kind !== 'sign') throw this.#unexpected();
    const operator = token.text;
    if (unary.has(operator.toLowerCase())) return { kind: 'test', column, operator, values: [] };
    if (!this.#sign('(')) return { kind: 'test', column, operator, values: [this.#literal()] };
    const values = [this.#literal()];
    while (this.#sign(',')) values.push(this.#literal());
    this.#expect(')');
    return { kind: 'test', column, operator, values };
  }

  #literal(): Literal {
    const token = this.#token();
    if (token.kind === 'text') return token.text;
    if (token.kind === 'number') return Number(token.text);
    const word = token.text.toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    if (word === 'datetime') return this.#literal();
    this.#at--;
    throw this.#unexpected();
  }

  #token(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw badArgument('The filter ends too early');
    return token;
  }

  #next(kind: Token['kind']): string {
    const token = this.#token();
    if (token.kind === kind) return token.text;
    this.#at--;
    throw this.#unexpected();
  }

  #word(word: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token?.kind === 'name' && token.text.toLowerCase() === word;
    if (found) this.#at++;
    return found;
  }

  #sign(sign: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token?.kind === 'sign' && token.text === sign;
    if (found) this.#at++;
    return found;
  }

  #expect(sign: string): void {
    if (!this.#sign(sign)) throw this.#unexpected();
  }

  #unexpected(): Error {
    return badArgument(`The filter is not understood at '${this.#tokens[this.#at]?.text ?? 'its end'}'`);
  }
}
