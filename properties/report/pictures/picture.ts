/** A picture: drawn from data, with words that say what to see. */
export interface Picture {
  /** The name of its file. */
  readonly name: string;
  readonly title: string;
  /** The caption. */
  readonly caption: string;
  /** Ids of the claims that it illustrates. */
  readonly claims: readonly string[];
  /** An SVG element. */
  readonly svg: string;
}
