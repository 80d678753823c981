/**
 * Whether a text is a literal IP address.
 *
 * Node has this in `node:net`, which pure folders do not import. Accepts what `inet_pton` accepts: no
 * leading zeros in IPv4 (some systems read them as octal), no zone in IPv6.
 */

const DECIMAL_BYTE = /^(?:0|[1-9]\d{0,2})$/;
const HEX_GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;

/** Whether `text` is an IPv4 or IPv6 address, without brackets and port. */
export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => DECIMAL_BYTE.test(part) && Number(part) < 256);
}

/** Eight groups; `::` stands for one or more of zeros, the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1) ?? "";
  const endsInIpv4 = isIpv4(last) && text.endsWith(last);
  const plain = endsInIpv4 ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => HEX_GROUP.test(group))) return false;
  const count = plain.length + (endsInIpv4 ? 2 : 0);
  return halves.length === 2 ? count < GROUPS : count === GROUPS;
}
