/** What the build writes into the page about the weights: see songnet/browser/build.py. */
interface Release {
  version: string;
  sha256: string;
  license: string | null;
  genres: string[];
  abstain_below: number;
  sections: Omit<SectionRule, "abstain_below">;
  /** Of each genre, for the light scheme and the dark one. */
  colours: Record<string, [string, string]>;
  confidence_words: [number, string][];
  columns: string[];
  sample_rate: number;
  window_samples: number;
  min_samples: number;
  n_fft: number;
  silence_peak: number;
  max_seconds: number;
  nonce: string;
}

declare const RELEASE: Release;
/** In the service worker: the files to keep, and a name for this version of them. */
declare const KEPT: { version: string; files: string[] };

/** The network's answer for a window. */
interface WindowPrediction {
  start_s: number;
  end_s: number;
  probabilities: Record<string, number>;
  attention: number[];
  silent: boolean;
}

/** A stretch of a song that is covered by the same windows. */
interface Part {
  start_s: number;
  end_s: number;
  probabilities: Record<string, number>;
  silent: boolean;
}

/** A stretch of a song that is of one genre, or silent. */
interface Section {
  start_s: number;
  end_s: number;
  genre: string | null;
  confidence: number;
  sure: boolean;
}

/** How sections are formed, and what is said of them. */
interface SectionRule {
  abstain_below: number;
  change: number;
  least: number;
  share: number;
  pair: number;
  most_steps: number;
  window_s: number;
}

/** What is said of a song. */
interface Verdict {
  kind: "genre" | "changes" | "between" | "not_sure" | "silence";
  text: string;
  genres: string[];
}

/** The answer for a song: the JSON of the command line. */
interface Prediction {
  file: string | null;
  genre: string;
  confidence: number;
  abstained: boolean;
  duration_s: number;
  probabilities: Record<string, number>;
  windows: WindowPrediction[];
  metadata: Metadata;
  warnings: string[];
  model: { version: string; sha256: string; license?: string };
  verdict: Verdict;
  sections: Section[];
  moments: number[];
}

interface Metadata {
  title: string | null;
  artist: string | null;
  album: string | null;
  year: number | null;
  genre: string | null;
}

interface Failure {
  file: string;
  error: string;
}

/** A song that the page shows: what was heard, and what is needed to show and play it. */
interface Heard {
  prediction: Prediction;
  blob: Blob;
  cover: Blob | null;
  format: string;
  loudness: Float32Array;
}

/** What the microphone heard in the last window. */
interface Moment {
  /** Since the page was opened. */
  time_s: number;
  genre: string;
  confidence: number;
  abstained: boolean;
  probabilities: Record<string, number>;
  silent: boolean;
  verdict: Verdict;
  sections: Section[];
  moments: number[];
}
