#!/bin/sh
# Boots a Debian kernel (default: 6.1, Debian 12's) in software emulation and runs guest.c against the shipped object.
#   run.sh OBJECT [KERNEL-PACKAGE]      packages: clang|gcc libbpf-dev libelf-dev qemu-system-x86 busybox-static cpio
# By hand on a newer one: run.sh OBJECT linux-image-6.12-cloud-amd64 (Debian 12 has it; a 5.15 it has not: that one has to be built).
# Nothing is installed; the kernel package is downloaded and unpacked into a temporary folder. Exit status 0 only if the guest says so.
set -eu
object=$(realpath "${1:?usage: run.sh OBJECT [KERNEL-PACKAGE]}")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
missing=
for need in cc:gcc qemu-system-x86_64:qemu-system-x86 cpio:cpio busybox:busybox-static; do
	command -v "${need%%:*}" >/dev/null 2>&1 || missing="$missing ${need##*:}"
done
[ -z "$missing" ] || { echo "qemu run: missing packages; apt-get install --no-install-recommends$missing" >&2; exit 1; }

work=$(mktemp -d); trap 'rm -rf "$work"' EXIT INT TERM
cache=${HEDDLE_KERNEL_CACHE:-$work}; mkdir -p "$cache"
package=${2:-linux-image-cloud-amd64}
latest=$(apt-cache depends "$package" | awk '/Depends: linux-image-/{print $2; exit}')	# a meta package names today's kernel
package=${latest:-$package}
ls "$cache/$package"_*.deb >/dev/null 2>&1 || (cd "$cache" && apt-get download -q "$package")
cd "$work"
dpkg-deb --fsys-tarfile "$cache/$package"_*.deb | tar x --wildcards './boot/vmlinuz-*'

cc -O2 -Wall -I"$root/native-bpf/include" -o guest "$here/guest.c" -lbpf
cc -O2 -pthread -o peer "$here/../src/test/c/peer.c"
mkdir -p r/bin r/t r/proc r/sys r/dev r/run r/tmp
cp "$(command -v busybox)" r/bin/busybox
for applet in sh mount poweroff mkdir; do ln -s busybox "r/bin/$applet"; done
cp guest peer r/t/; cp "$object" r/t/mesh.bpf.o
for library in $(ldd guest peer | awk '/=> \//{print $3} /^\t\/lib/{print $1}' | sort -u); do
	mkdir -p "r$(dirname "$library")"; cp -L "$library" "r$library"
done
cat > r/init <<'INIT'
#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /tmp
mount -t bpf bpf /sys/fs/bpf; mount -t cgroup2 cgroup2 /sys/fs/cgroup
/t/guest /t/mesh.bpf.o /t/peer
echo "KT-RC: $?"
poweroff -f
INIT
chmod +x r/init
(cd r && find . | cpio -o -H newc --quiet | gzip -1) > ir.gz
timeout 300 qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nodefaults -display none -no-reboot -serial file:log \
	-kernel boot/vmlinuz-* -initrd ir.gz -append 'console=ttyS0 quiet panic=-1 mitigations=off' </dev/null || echo "qemu ended with $?"
tr -d '\r' < log
echo "kernel package: $package"
tr -d '\r' < log | grep -qx 'KT-RC: 0'
