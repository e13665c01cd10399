#!/usr/bin/env bash
# Runs the AVX-512 kernels on a processor that has AVX-512, emulated where this one is not: a whole machine in bochs, with
# a Debian kernel that is unpacked and not installed, and an initramfs that holds two test binaries and what starts
# them. No network, no disk. The tests compare every tile with the generic kernel, and a digest of whole fits. Minutes.
#
#   scripts/avx512/run.sh     KERNEL=FILE is a Linux kernel with a serial console (default: Debian's, by apt-get download)
set -euo pipefail
cd "$(dirname "$0")/../.."
debian="bochs bochs-term grub-pc-bin grub-common xorriso mtools cpio"

if [ "$(go env GOHOSTOS)/$(go env GOHOSTARCH)" != linux/amd64 ]; then
  echo "avx512: only on linux/amd64; not run"
  exit 0
fi
for tool in bochs grub-mkrescue xorriso mformat cpio; do
  if ! command -v "$tool" >/dev/null; then
    echo "avx512: $tool is not installed (Debian: $debian); the AVX-512 kernels were not run"
    exit 0
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root"/{dev,proc,tmp} "$work/iso/boot/grub"

if [ -n "${KERNEL:-}" ]; then
  cp "$KERNEL" "$work/iso/boot/vmlinuz"
else
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '$1 == "Depends:" && $2 ~ /^linux-image/ {print $2; exit}')
  if [ -z "$package" ] || ! (cd "$work" && apt-get -q download "$package" >/dev/null 2>&1); then
    echo "avx512: no Linux kernel: set KERNEL, or run apt-get update on Debian; the AVX-512 kernels were not run"
    exit 0
  fi
  dpkg-deb --fsys-tarfile "$work"/linux-image*.deb | tar -x -C "$work" --wildcards './boot/vmlinuz*'
  mv "$work"/boot/vmlinuz* "$work/iso/boot/vmlinuz"
fi

export CGO_ENABLED=0
go build -ldflags '-s -w' -o "$work/root/init" ./scripts/avx512
go test -c -ldflags '-s -w' -o "$work/root/simd.test" ./kmeans/internal/simd
go test -c -ldflags '-s -w' -o "$work/root/kmeans.test" ./kmeans
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/iso/boot/initrd"

# bochs 2.7 gives the size of the compacted XSAVE area wrong, and Linux then goes without AVX altogether. So it is to use
# the plain one: noxsaves, and clearcpuid=321, which is XSAVEC.
cat >"$work/iso/boot/grub/grub.cfg" <<'END'
set timeout=0
linux /boot/vmlinuz console=ttyS0 panic=-1 quiet noxsaves clearcpuid=321 nokaslr mitigations=off tsc=reliable lpj=1000000
initrd /boot/initrd
boot
END
grub-mkrescue -o "$work/boot.iso" "$work/iso" --install-modules="linux normal iso9660 biosdisk" >"$work/grub" 2>&1 || {
  cat "$work/grub" >&2
  exit 1
}
cat >"$work/bochsrc" <<END
config_interface: textconfig
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: model=corei7_skylake_x, count=1, ips=100000000, reset_on_triple_fault=0
memory: guest=512, host=512
ata0-master: type=cdrom, path=$work/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/console
log: $work/log
clock: sync=none
panic: action=fatal
END
echo continue >"$work/commands" # Debian's bochs starts in its debugger

# bochs ends with an error when its machine is switched off; what counts is the console.
TERM=vt100 timeout 3600 bochs -q -f "$work/bochsrc" -rc "$work/commands" </dev/null >"$work/screen" 2>&1 || true
if [ ! -s "$work/console" ]; then
  tail -n 20 "$work/log" >&2
  echo "avx512: the machine did not start" >&2
  exit 1
fi
tr -d '\r' <"$work/console" | grep -E '^(avx512:|---|    ---|BenchmarkTile|cpu:|PASS|FAIL)|panic|_test.go' || true
if ! tr -d '\r' <"$work/console" | grep -qx 'avx512: PASS'; then
  tr -d '\r' <"$work/console" | tail -n 40 >&2
  exit 1
fi
