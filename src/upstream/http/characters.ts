/** By character: 1 for those that names of headers are made of (`token`, RFC 9110, 5.6.2). */
export const TOKEN = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  TOKEN[character.charCodeAt(0)] = 1;

export const CR = 13;
export const LF = 10;
export const TAB = 9;
export const SPACE = 32;
export const DELETE = 127;
