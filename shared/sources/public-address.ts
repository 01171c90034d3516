/** Which addresses a source may be at: public ones, so that nobody reads a private network, a neighbour or the
 * metadata service by declaring a source. Ranges by IANA's registries of special-purpose addresses
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry). */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Global unicast; everything else of IPv6 (loopback, mapped, translated, link-local, unique-local) is not public. */
const PUBLIC_V6 = ['2000::/3'];
/** Protocol assignments and Teredo, documentation, 6to4: the last carry an IPv4 address of any kind. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

export type IsAllowedAddress = (address: string) => boolean;

/** `networks` are allowed although they are private, each as `10.1.0.0/16` or `fd00:1::/64`. Throws RangeError on any
 * other text. */
export function createAddressRule(networks: readonly string[]): IsAllowedAddress {
  const allowed = networksOf(networks);
  const privateV4 = networksOf(NOT_PUBLIC_V4);
  const globalV6 = networksOf(PUBLIC_V6);
  const privateV6 = networksOf(NOT_PUBLIC_V6);

  return (address) => {
    if (isIPv4(address)) return allowed.check(address, 'ipv4') || !privateV4.check(address, 'ipv4');
    if (!isIPv6(address)) return false;
    const isPublic = globalV6.check(address, 'ipv6') && !privateV6.check(address, 'ipv6');
    return isPublic || allowed.check(address, 'ipv6');
  };
}

function networksOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = '', ...rest] = network.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
      throw new RangeError(`"${network}" is no network such as 10.1.0.0/16`);
    list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
