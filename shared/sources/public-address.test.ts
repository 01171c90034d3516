import { createAddressRule } from './public-address.ts';

const isPublic = createAddressRule([]);

describe('an address that sources may be at', () => {
  it.each(['1.1.1.1', '52.95.110.1', '172.15.255.255', '172.32.0.1', '192.169.0.1', '2606:4700::1111'])(
    '%s is public',
    (address) => {
      expect(isPublic(address)).toBe(true);
    },
  );

  it.each([
    ['this network', '0.0.0.0'],
    ['a private network', '10.255.0.1'],
    ['a private network', '172.16.0.1'],
    ['a private network', '172.31.255.255'],
    ['a private network', '192.168.1.1'],
    ['a provider', '100.64.0.1'],
    ['this machine', '127.0.0.1'],
    ['this machine', '127.8.9.10'],
    ["AWS's metadata service", '169.254.169.254'],
    ["a task's metadata service", '169.254.170.2'],
    ['many', '224.0.0.1'],
    ['everybody', '255.255.255.255'],
    ['this machine', '::1'],
    ['nobody', '::'],
    ["AWS's metadata service", 'fd00:ec2::254'],
    ['a link', 'fe80::1'],
    ['a link with its zone', 'fe80::1%eth0'],
    ['this machine, mapped', '::ffff:127.0.0.1'],
    ['the metadata service, mapped', '::ffff:a9fe:a9fe'],
    ['the metadata service, translated', '64:ff9b::a9fe:a9fe'],
    ['this machine, by 6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('of %s, %s, is none', (_, address) => {
    expect(isPublic(address)).toBe(false);
  });

  it('of a network that the stage names is allowed, and no other', () => {
    const isAllowed = createAddressRule(['127.0.0.1/32', 'fd00:1::/64']);
    expect(['127.0.0.1', 'fd00:1::5', '1.1.1.1'].map(isAllowed)).toEqual([true, true, true]);
    expect(['127.0.0.2', 'fd00:2::5', '169.254.169.254', '::1'].map(isAllowed)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it.each(['localhost', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/', 'fd00::/129', '10.0.0.0/8/8x'])(
    'is not given by the network %s',
    (network) => {
      expect(() => createAddressRule([network])).toThrow(RangeError);
    },
  );
});
