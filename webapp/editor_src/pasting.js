// What is pasted from other programs: alignment becomes a class; styles and handlers go before anything is parsed.
import { ALIGN } from "./words.js";

const TAG = /<[a-z][^>]*>/gi;
const LOOSE = /\s(?:on\w+|style)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;
const CLASS = /\sclass\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/i;
const SIDE = /text-align\s*:\s*(left|center|right|justify)/i;

/** For comfort only: the schema and the server let nothing else through anyway. */
export const cleanPaste = (html) =>
  html.replace(TAG, (tag) => {
    const side = SIDE.exec(tag)?.[1].toLowerCase();
    const bare = tag.replace(LOOSE, "");
    return side ? bare.replace(CLASS, "").replace(/^<[a-z][a-z0-9]*/i, (name) => `${name} class="${ALIGN}${side}"`) : bare;
  });
