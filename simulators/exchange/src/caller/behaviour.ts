// Habits of a real server that a test may switch off to see through to what is stored.

export interface Behaviour {
  /** HTML comes back as the server's filter leaves it: a whole document, clean tags, no scripts. */
  readonly rewriteHtml: boolean;
  /** Instants are answered in the zone of TimeZoneContext instead of UTC. */
  readonly answerInRequestZone: boolean;
}

export const defaultBehaviour: Behaviour = { rewriteHtml: true, answerInRequestZone: true };
