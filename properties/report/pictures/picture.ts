/** A picture: drawn from data, with a caption. */
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
