/** Listens to the room: the last window is classified anew every second. */

import { answer } from "./answer.js";
import { classify } from "./network.js";
import { Ring } from "./ring.js";
import { isAudible } from "./windows.js";

const EVERY_MS = 1000;
// Without a sample for so long, none will come: a device without any sound, say.
const PATIENCE_MS = 8000;
// What browsers do to speech spoils music.
const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/**
 * Starts to listen.
 *
 * @param {(heard: Omit<Moment, "time_s">) => void} onMoment - called about once a second
 * @param {(error: unknown) => void} onError - called when the microphone or the network fails
 * @returns {Promise<() => void>} a function that ends it
 */
export async function listen(onMoment, onError) {
  const stream = await openMicrophone();
  const source = connect(stream);
  const context = /** @type {AudioContext} */ (source.context);
  const rate = context.sampleRate;
  const ring = new Ring(Math.round((RELEASE.window_samples * rate) / RELEASE.sample_rate));
  await context.audioWorklet.addModule("recorder.worklet.js").catch((error) => {
    void context.close();
    for (const track of stream.getTracks()) track.stop();
    throw error;
  });
  const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  recorder.port.onmessage = ({ data }) => ring.push(data);
  source.connect(recorder);
  void context.resume();
  const awake = keepAwake();
  const started = performance.now();
  let busy = false;
  let ended = false;
  const timer = setInterval(async () => {
    if (!ring.length && performance.now() - started > PATIENCE_MS) {
      end();
      onError(new Error("No sound comes from the microphone: check the device's sound settings."));
      return;
    }
    if (busy || ring.length * RELEASE.sample_rate < RELEASE.min_samples * rate) return;
    busy = true;
    try {
      const heard = await judge(await resampled(ring.latest(), rate));
      if (!ended) onMoment(heard);
    } catch (error) {
      if (!ended) onError(error);
      end();
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
    if (ended) return;
    ended = true;
    clearInterval(timer);
    awake?.();
    for (const track of stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    void context.close();
  }
  return end;
}

/**
 * The microphone as a source of sound at the network's rate; at its own where the browser, as
 * Firefox does, gives it at no other.
 *
 * @param {MediaStream} stream
 */
function connect(stream) {
  const context = new AudioContext({ sampleRate: RELEASE.sample_rate });
  try {
    return context.createMediaStreamSource(stream);
  } catch {
    void context.close();
    return new AudioContext().createMediaStreamSource(stream);
  }
}

/**
 * @param {Float32Array} samples
 * @param {number} rate - theirs
 * @returns {Promise<Float32Array>} at the network's rate, at most one window
 */
async function resampled(samples, rate) {
  if (rate === RELEASE.sample_rate) return samples;
  const length = Math.round((samples.length * RELEASE.sample_rate) / rate);
  const context = new OfflineAudioContext(1, length, RELEASE.sample_rate);
  const buffer = new AudioBuffer({ length: samples.length, sampleRate: rate });
  buffer.copyToChannel(new Float32Array(samples), 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
}

/**
 * @param {Float32Array} stretch
 * @returns {Promise<Omit<Moment, "time_s">>}
 */
async function judge(stretch) {
  const { probabilities, attention } = await classify(stretch);
  const silent = !isAudible(stretch, RELEASE.silence_peak);
  const end_s = stretch.length / RELEASE.sample_rate;
  const window = { start_s: 0, end_s, probabilities, attention, silent };
  return { silent, ...answer([window], RELEASE) };
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
