// Records from the microphone as it sounds, for 30 s at most, and hands the recording on as a WAV.
(() => {
  const LONGEST_S = 30;
  // Browsers treat a microphone as a telephone's, unless told otherwise: that spoils music.
  const SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  // In the audio thread: hands on the mean of the channels, in blocks.
  const RECORDER = `registerProcessor("recorder", class extends AudioWorkletProcessor {
    block = new Float32Array(2048);
    filled = 0;
    process([channels]) {
      for (let i = 0; i < (channels[0]?.length ?? 0); i++) {
        let sum = 0;
        for (const channel of channels) sum += channel[i];
        this.block[this.filled++] = sum / channels.length;
        if (this.filled < this.block.length) continue;
        this.port.postMessage(this.block);
        this.filled = 0;
      }
      return true;
    }
  });`;

  const find = (selector) => document.querySelector(`#song .sn-recorder ${selector}`);
  let end; // of the recording that goes on: takes whether it is wanted

  const openMicrophone = async () => {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw "Browsers give the microphone to https and localhost only: open the page there.";
    }
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: SOUND });
    } catch ({ name }) {
      if (name === "NotAllowedError") {
        throw "The microphone is not allowed: allow it beside the address, and record again.";
      }
      if (name === "NotFoundError") throw "There is no microphone: connect one, or choose a file.";
      throw "The microphone does not start: close other programs that use it.";
    }
  };

  const wav = (blocks, samples, rate) => {
    const view = new DataView(new ArrayBuffer(44 + 2 * samples));
    const write = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
    write(0, "RIFF");
    view.setUint32(4, 36 + 2 * samples, true);
    write(8, "WAVEfmt ");
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true);
    view.setUint16(22, 1, true);
    view.setUint32(24, rate, true);
    view.setUint32(28, 2 * rate, true);
    view.setUint16(32, 2, true);
    view.setUint16(34, 16, true);
    write(36, "data");
    view.setUint32(40, 2 * samples, true);
    let at = 44;
    for (const block of blocks) {
      for (const value of block) {
        view.setInt16(at, Math.round(32767 * Math.max(-1, Math.min(1, value))), true);
        at += 2;
      }
    }
    return new File([view], "Recording.wav", { type: "audio/wav" });
  };

  const draw = (seconds, level) => {
    const whole = Math.floor(seconds);
    const timer = find("[role=timer]");
    const text = `0:${String(whole).padStart(2, "0")}`;
    if (timer.textContent !== text) timer.textContent = text;
    find(".sn-passed").style.strokeDashoffset = 1 - seconds / LONGEST_S;
    // From -50 dB to full scale.
    const loud = Math.max(0, Math.min(1, 1 + (20 * Math.log10(level + 1e-6)) / 50));
    find(".sn-level").style.transform = `scale(${1 + 0.3 * loud})`;
  };

  const showPanel = (is) => {
    songnet.recording = is;
    document.querySelector("#song .sn-recorder").hidden = !is;
    songnet.show();
  };

  const record = async () => {
    if (end) return;
    songnet.complain("");
    songnet.player.pause();
    let wanted = true;
    end = () => (wanted = false);
    let stream;
    let context;
    try {
      stream = await openMicrophone();
      context = new AudioContext();
      const code = URL.createObjectURL(new Blob([RECORDER], { type: "text/javascript" }));
      await context.audioWorklet.addModule(code);
      URL.revokeObjectURL(code);
    } catch (trouble) {
      stream?.getTracks().forEach((track) => track.stop());
      end = undefined;
      const told = typeof trouble === "string";
      songnet.complain(told ? trouble : "This browser cannot record: choose a file instead.");
      return;
    }
    const blocks = [];
    let samples = 0;
    let peak = 0;
    const most = LONGEST_S * context.sampleRate;

    end = (wanted) => {
      end = undefined;
      stream.getTracks().forEach((track) => {
        track.onended = null;
        track.stop();
      });
      const rate = context.sampleRate;
      context.close();
      showPanel(false);
      if (!wanted) return document.querySelector("#song [data-song=record]")?.focus();
      const file = wav(blocks, samples, rate);
      songnet.take({ name: file.name, file, recorded: true });
    };
    if (!wanted) return end(false);
    for (const track of stream.getTracks()) {
      track.onended = () => {
        end?.(samples > context.sampleRate);
        songnet.complain("The microphone was taken away: connect it and record again.");
      };
    }
    const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }) => {
      if (!end || samples >= most) return;
      blocks.push(data.subarray(0, most - samples));
      samples += blocks.at(-1).length;
      peak = data.reduce((most, value) => Math.max(most, Math.abs(value)), peak * 0.97);
      if (samples >= most) end(true);
    };
    context.createMediaStreamSource(stream).connect(recorder);
    context.resume();
    showPanel(true);
    draw(0, 0);
    find("[data-song=stop-recording]").focus();
    const animate = () => {
      if (context.state === "closed") return;
      draw(samples / context.sampleRate, peak);
      requestAnimationFrame(animate);
    };
    animate();
  };

  document.addEventListener("click", ({ target }) => {
    const what = target.closest?.("[data-song]")?.dataset.song;
    if (what === "record") record();
    if (what === "stop-recording") end?.(true);
    if (what === "drop-recording") end?.(false);
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && songnet.recording) end?.(false);
  });
})();
