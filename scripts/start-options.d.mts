export interface StartOptions {
  readonly fresh: boolean;
  readonly data: string;
  readonly 'no-simulators': boolean;
}
/** The options of `npm start`; ends the process after --help and after a wrong one. */
export function startOptions(standardDataFolder: string): StartOptions;
