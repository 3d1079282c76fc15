#!/bin/sh
# Makes what mmdebstrap's variant `extract` leaves to the packages' scripts: base.sh ROOT, called before the packages' files go.
# Nothing in it names the registry that they came from.
set -eu
cd "$1"
rm -rf var/lib/dpkg/* etc/apt/sources.list etc/apt/sources.list.d/* etc/apt/auth.conf.d etc/resolv.conf etc/hostname
mkdir -p var/lib/dpkg/status.d # one file a package, as in distroless images: scanners read it
for package in var/cache/apt/archives/*.deb; do
  dpkg-deb --field "$package" > "var/lib/dpkg/status.d/$(dpkg-deb --field "$package" Package)"
done
rm -rf usr/share/man usr/share/info usr/share/locale usr/share/lintian
find usr/share/doc ! -type d ! -name copyright -delete
find usr/share/ca-certificates -name '*.crt' | LC_ALL=C sort | xargs cat > etc/ssl/certs/ca-certificates.crt
chroot . busybox --install -s /usr/bin
ln -s python3.11 usr/bin/python
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' > etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' > etc/group
ldconfig -r .
rm -f var/cache/ldconfig/aux-cache
