/** Listens to the room: the last window is classified anew every second. */

import { answer } from "./answer.js";
import { classify } from "./network.js";
import { Ring } from "./ring.js";
import { isAudible } from "./windows.js";

const EVERY_MS = 1000;
// What browsers do to speech spoils music.
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/**
 * @typedef {object} Moment
 * @property {number} time_s - since the start
 * @property {string} genre
 * @property {number} confidence
 * @property {boolean} abstained
 * @property {Record<string, number>} probabilities
 * @property {boolean} silent
 */

/**
 * Starts to listen.
 *
 * @param {(moment: Moment) => void} onMoment - called about once a second
 * @param {(error: unknown) => void} onError - called when the microphone or the network fails
 * @returns {Promise<() => void>} a function that ends it
 */
export async function listen(onMoment, onError) {
  const stream = await openMicrophone();
  const context = new AudioContext({ sampleRate: RELEASE.sample_rate });
  const ring = new Ring(RELEASE.window_samples);
  let source;
  try {
    await context.audioWorklet.addModule("recorder.worklet.js");
    source = context.createMediaStreamSource(stream);
  } catch (error) {
    end();
    throw error instanceof DOMException && error.name === "NotSupportedError"
      ? new Error(
          `This browser gives the microphone at another rate than ${RELEASE.sample_rate} Hz: ` +
            "use a recent Chrome, Edge or Safari, or set the device to that rate.",
        )
      : error;
  }
  const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  recorder.port.onmessage = ({ data }) => ring.push(data);
  source.connect(recorder);
  const started = performance.now();
  const awake = keepAwake();
  let busy = false;
  const timer = setInterval(async () => {
    if (busy || ring.length < RELEASE.min_samples) return;
    busy = true;
    try {
      const moment = await judge(ring.latest(), (performance.now() - started) / 1000);
      if (context.state !== "closed") onMoment(moment);
    } catch (error) {
      end();
      onError(error);
    } finally {
      busy = false;
    }
  }, EVERY_MS);
  for (const track of stream.getAudioTracks()) {
    track.onended = () => {
      end();
      onError(new Error("The microphone was taken away: connect it and start again."));
    };
  }

  function end() {
    clearInterval(timer);
    awake?.();
    for (const track of stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    if (context.state !== "closed") void context.close();
  }
  return end;
}

/**
 * @param {Float32Array} stretch
 * @param {number} time_s
 * @returns {Promise<Moment>}
 */
async function judge(stretch, time_s) {
  const { probabilities, attention } = await classify(stretch);
  const audible = isAudible(stretch, RELEASE.silence_peak);
  const window = { start_s: 0, end_s: 0, probabilities, attention };
  return { time_s, silent: !audible, ...answer([window], [audible], RELEASE) };
}

async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("Browsers give the microphone to https and localhost only: open it there.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: SOUND });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError") {
      throw new Error(
        "The microphone is not allowed: allow it beside the address, and start again.",
      );
    }
    if (name === "NotFoundError") throw new Error("There is no microphone: connect one.");
    throw new Error("The microphone does not start: close other programs that use it.");
  }
}

/**
 * Keeps a telephone's screen on, where the browser can; it must be asked anew whenever the page
 * comes back into view.
 *
 * @returns {(() => void) | undefined} a function that ends it
 */
function keepAwake() {
  if (!navigator.wakeLock) return undefined;
  /** @type {WakeLockSentinel | undefined} */
  let lock;
  const request = async () => {
    if (document.visibilityState !== "visible") return;
    lock = await navigator.wakeLock.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", request);
  void request();
  return () => {
    document.removeEventListener("visibilitychange", request);
    void lock?.release();
  };
}
