/* The proof of work that a form asks for: finds the number whose SHA-256 with the salt is the one given. Without
   crypto.subtle, which pages without TLS lack; in slices, so that the page never stands still. */
const K = [], START = [];
for (let n = 2; K.length < 64; n++) {
  let prime = true;
  for (let i = 2; i * i <= n; i++) if (n % i === 0) { prime = false; break; }
  if (!prime) continue;
  if (START.length < 8) START.push(((n ** 0.5 % 1) * 2 ** 32) | 0);
  K.push(((Math.cbrt(n) % 1) * 2 ** 32) | 0);
}
const W = new Int32Array(64);
/* The digest of a text of at most 55 letters of ASCII, as eight numbers. */
const sha256 = (text) => {
  W.fill(0, 0, 16);
  for (let i = 0; i < text.length; i++) W[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  W[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  W[15] = text.length * 8;
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    W[i] = W[i - 16] + W[i - 7] + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let i = 0; i < 64; i++) {
    const one = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const two = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  return [a, b, c, d, e, f, g, h].map((part, i) => (part + START[i]) | 0);
};
/* What is sent back for a challenge of at most so many trials. */
export const solve = async (challenge, most) => {
  const [, salt, digest] = challenge.split(":");
  const wanted = digest.match(/.{8}/g).map((part) => parseInt(part, 16) | 0);
  for (let n = 0, until = performance.now() + 20; n < most; n++) {
    if (sha256(salt + n).every((part, i) => part === wanted[i])) return `${challenge}:${n}`;
    if (n % 256 === 0 && performance.now() > until) {
      await new Promise((go) => { setTimeout(go); });
      until = performance.now() + 20;
    }
  }
  return "";
};
/* The proof for the form at that address; "" where it cannot be had, for then a person looks at what is sent. */
export const proved = async (address) => {
  try {
    const told = await (await fetch(address, { credentials: "omit" })).json();
    return await solve(told.challenge, told.most);
  } catch {
    return "";
  }
};
