/** Sine waves, and how much of one there is in a sound. */

/** `seconds` of a wave at 8000 samples a second. */
export function sine(hertz: number, seconds: number, amplitude = 8000): Int16Array {
  return new Int16Array(Math.round(seconds * 8000)).map((_, index) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hertz * index) / 8000)),
  );
}

/** Amplitude of one frequency in samples at `samplingRate`: a single bin of a Fourier transform. */
export function amplitudeOf(hertz: number, samples: ArrayLike<number>, samplingRate = 8000): number {
  let [real, imaginary] = [0, 0];
  for (let index = 0; index < samples.length; index++) {
    const angle = (2 * Math.PI * hertz * index) / samplingRate;
    real += (samples[index] ?? 0) * Math.cos(angle);
    imaginary += (samples[index] ?? 0) * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

/** L16 as in RTP: the high octet first (RFC 3551 §4.5.11). */
export function fromL16(payload: Buffer): Int16Array {
  return new Int16Array(payload.length / 2).map((_, index) => payload.readInt16BE(2 * index));
}

export function toL16(samples: Int16Array): Buffer {
  const payload = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, index) => payload.writeInt16BE(sample, 2 * index));
  return payload;
}
